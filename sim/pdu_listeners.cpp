#include "sim/pdu_listeners.hpp"

#include "net/byte_server.hpp"

namespace csim {
namespace {

/// A menu and the connection it is on.
class PduSession final : public ByteSession, private PduTerminal {
  public:
    PduSession(
        FakePower& power, const FakesContext& context, PowerStrip& strip,
        const std::optional<PduAccount>& account
    )
        : menu_(power, context, strip, account, *this) {}

    void opened(std::shared_ptr<ByteSink> sink) override {
        sink_ = std::move(sink);
        menu_.opened();
    }
    void received(std::string_view bytes) override { menu_.received(bytes); }
    void closed() override { sink_.reset(); }

  private:
    void write(std::string bytes) override {
        if (sink_ != nullptr) sink_->write(std::move(bytes));
    }
    void hang_up() override {
        if (sink_ != nullptr) sink_->close();
    }

    std::shared_ptr<ByteSink> sink_;
    PduMenu menu_;
};

std::uint16_t port_of(const PduListenerOptions& options, std::size_t number) {
    if (options.base_port == 0) return 0;
    const std::size_t port = options.base_port + number;
    if (port > UINT16_MAX) throw Fatal("there are not that many ports above --pdu_port for power strips", 2);
    return static_cast<std::uint16_t>(port);
}

std::unique_ptr<ByteServer> listen(
    Inbox& inbox, const PowerStrip& strip, const ByteServerOptions& at, ByteServer::Factory factory
) {
    try {
        return std::make_unique<ByteServer>(inbox, at, std::move(factory));
    } catch (const Fatal& error) {
        throw Fatal(
            "the power strip " + strip.name() + " needs a port: " + error.what() +
            "; choose others with --pdu_port (0: any that are free)"
        );
    }
}

}  // namespace

PduListeners::PduListeners(
    Inbox& inbox, FakePower& power, const FakesContext& context, PduListenerOptions options
)
    : inbox_(inbox), power_(power), context_(context), options_(std::move(options)) {
    for (PowerStrip* strip : power.strips()) open(*strip, port_of(options_, servers_.size()));
    power_.on_strip_added = [this](PowerStrip& strip) {
        try {
            open(strip, port_of(options_, servers_.size()));
        } catch (const Fatal&) {
            open(strip, 0);
        }
    };
}

PduListeners::~PduListeners() {
    power_.on_strip_added = nullptr;
}

void PduListeners::open(PowerStrip& strip, std::uint16_t port) {
    const ByteServerOptions at{.address = options_.address, .port = port};
    auto factory = [this, &strip] {
        return std::make_unique<PduSession>(power_, context_, strip, options_.account);
    };
    servers_.push_back(listen(inbox_, strip, at, std::move(factory)));
    strip.set_address(options_.address, servers_.back()->port());
}

}  // namespace csim
