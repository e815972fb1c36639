#include "sim/vtime/virtual_power.hpp"

#include "fakes/pdu_menu.hpp"
#include "manager/power/pdu_dialogue.hpp"
#include "sim/world.hpp"

#include <algorithm>
#include <cctype>
#include <utility>

namespace csim {
namespace {

/// What one side says is with the other after this.
constexpr Duration travel = 20ms;
constexpr Duration limit = 30s;

std::string address_of(const std::string& name) {
    return name == "localhost" ? "127.0.0.1" : name;
}

bool looks_like_address(const std::string& text) {
    return std::count(text.begin(), text.end(), '.') == 3 &&
           text.find_first_not_of("0123456789.") == std::string::npos;
}

}  // namespace

/// One connection: the manager's client at one end, the strip's menu at the other.
class VirtualPower::Talk final : public PduTerminal, public std::enable_shared_from_this<Talk> {
  public:
    Talk(VirtualPower& power, std::uint64_t number, const PowerCall& call, PowerStrip& strip, Done done)
        : power_(power),
          number_(number),
          dialogue_(call.action, call.outlet, call.username, call.password),
          menu_(power.world_.power(), power.world_.context(), strip, std::nullopt, *this),
          done_(std::move(done)) {}

    void open() {
        later(limit, [](Talk& talk) {
            talk.end(Error{Errc::unreachable, "the power strip does not come to an end"});
        });
        later(travel, [](Talk& talk) { talk.menu_.opened(); });
    }

    void write(std::string bytes) override {
        later(travel, [bytes = std::move(bytes)](Talk& talk) { talk.heard(bytes); });
    }

    void hang_up() override {
        later(travel, [](Talk& talk) { talk.end(talk.dialogue_.result()); });
    }

    Done take_done() { return std::move(done_); }

  private:
    template <class Work>
    void later(Duration delay, Work work) {
        power_.timeline_.after(delay, [weak = weak_from_this(), work = std::move(work)] {
            if (const auto talk = weak.lock()) work(*talk);
        });
    }

    void heard(const std::string& bytes) {
        const std::string reply = dialogue_.received(bytes);
        if (!reply.empty()) {
            later(travel, [reply](Talk& talk) { talk.menu_.received(reply); });
        } else if (dialogue_.over()) {
            end(dialogue_.result());
        }
    }

    void end(Result<PowerAnswer> result) { power_.finish(number_, std::move(result)); }

    VirtualPower& power_;
    const std::uint64_t number_;
    PduDialogue dialogue_;
    PduMenu menu_;
    Done done_;
};

VirtualPower::VirtualPower(Timeline& timeline, World& world) : timeline_(timeline), world_(world) {}
VirtualPower::~VirtualPower() = default;

void VirtualPower::run(PowerCall call, Done done) {
    PowerStrip* found = nullptr;
    for (PowerStrip* strip : world_.power().strips()) {
        if (address_of(strip->address()) == call.address && strip->port() == call.port) found = strip;
    }
    const std::uint64_t number = ++last_;
    if (found == nullptr || call.agent != "fence_apc") {
        timeline_.after(travel, [call, done = std::move(done)]() mutable {
            done(Error{Errc::unreachable, "no power strip answers " + call.agent + " at " + call.address});
        });
        return;
    }
    const auto talk = std::make_shared<Talk>(*this, number, call, *found, std::move(done));
    talks_[number] = talk;
    talk->open();
}

void VirtualPower::finish(std::uint64_t number, Result<PowerAnswer> result) {
    auto ended = talks_.extract(number);
    if (!ended.empty()) ended.mapped()->take_done()(std::move(result));
}

Result<std::string> VirtualPower::resolve(const std::string& name) {
    const std::string address = address_of(name);
    if (looks_like_address(address)) return address;
    return Error{Errc::bad_argument, "'" + name + "' is no name in virtual time; give an IPv4 address"};
}

void VirtualPower::abandon() {
    talks_.clear();
}

}  // namespace csim
