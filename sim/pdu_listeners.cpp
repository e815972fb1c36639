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
) {
    for (PowerStrip* strip : power.strips()) {
        const ByteServerOptions at{.address = options.address, .port = port_of(options, servers_.size())};
        auto factory = [&power, context, strip, account = options.account] {
            return std::make_unique<PduSession>(power, context, *strip, account);
        };
        servers_.push_back(listen(inbox, *strip, at, std::move(factory)));
        strip->set_address(options.address, servers_.back()->port());
    }
}

PduListeners::~PduListeners() = default;

}  // namespace csim
