#include "manager/power/fence_driver.hpp"

#include "manager/power/pdu_dialogue.hpp"
#include "net/socket.hpp"

namespace csim {

namespace {

class PduConversation final : public Conversation {
  public:
    explicit PduConversation(const PowerCall& call)
        : dialogue(call.action, call.outlet, call.username, call.password) {}
    std::string received(std::string_view bytes) override { return dialogue.received(bytes); }
    bool over() const override { return dialogue.over(); }
    PduDialogue dialogue;
};

/// The last line of what a program printed, which is where fence agents complain.
std::string last_line(std::string text) {
    while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' '))
        text.pop_back();
    const std::size_t at = text.rfind('\n');
    return at == std::string::npos ? text : text.substr(at + 1);
}

/// Status 2 of a status query means off. Source: the exit statuses of the fence agents' library.
Result<PowerAnswer> read_output(const PowerCall& call, const ChildOutput& output) {
    const bool off = call.action == PowerAction::status && output.exit_status == 2;
    if (output.exit_status != 0 && !off) {
        const std::string why = last_line(output.text);
        return Error{Errc::unreachable, call.agent + " failed: " + (why.empty() ? "it says nothing" : why)};
    }
    PowerAnswer answer{{}, output.text};
    if (call.action == PowerAction::list) answer.outlets = parse_outlet_list(output.text);
    if (call.action == PowerAction::status) answer.outlets[call.outlet] = parse_outlet_status(output.text);
    if (call.action == PowerAction::off) answer.outlets[call.outlet] = false;
    if (call.action == PowerAction::on || call.action == PowerAction::reboot)
        answer.outlets[call.outlet] = true;
    return answer;
}

}  // namespace

FenceDriver::FenceDriver(Inbox& inbox, FenceOptions options)
    : inbox_(inbox), options_(options), talks_(inbox), children_(inbox) {}

std::string FenceDriver::program_for(const std::string& agent) const {
    return options_.by == FenceBy::built_in ? std::string() : find_program(agent);
}

std::string FenceDriver::describe() const {
    const std::string program = program_for("fence_apc");
    if (!program.empty()) return "power strips are switched by " + program;
    if (options_.by == FenceBy::program) return "power strips cannot be switched: fence_apc is not installed";
    return "power strips are switched by the built-in client";
}

Result<std::string> FenceDriver::resolve(const std::string& name) {
    auto found = csim::resolve(name, 0);
    if (!found) return Error{Errc::bad_argument, found.error().detail};
    for (const SocketAddress& address : *found) {
        if (address.storage.ss_family == AF_INET) return address.host();
    }
    return Error{Errc::bad_argument, name + " has no IPv4 address"};
}

void FenceDriver::run(PowerCall call, Done done) {
    const std::string program = program_for(call.agent);
    if (!program.empty()) return run_program(program, std::move(call), std::move(done));
    if (call.agent == "fence_apc" && options_.by != FenceBy::program)
        return run_built_in(std::move(call), std::move(done));
    inbox_.post([agent = call.agent, done = std::move(done)]() mutable {
        done(Error{Errc::unreachable, agent + " is not installed; install the package fence-agents"});
    });
}

void FenceDriver::run_program(const std::string& path, PowerCall call, Done done) {
    auto command = fence_command(call);
    if (!command) {
        inbox_.post([error = command.error(), done = std::move(done)]() mutable { done(error); });
        return;
    }
    command->front() = path;
    children_.run(
        *std::move(command), options_.limit,
        [call, done = std::move(done)](Result<ChildOutput> output) mutable {
            if (!output) return done(output.error());
            done(read_output(call, *output));
        }
    );
}

void FenceDriver::run_built_in(PowerCall call, Done done) {
    auto ended =
        [done = std::move(done)](std::unique_ptr<Conversation> conversation, Result<Nothing> result) mutable {
            const auto answer = static_cast<PduConversation&>(*conversation).dialogue.result();
            // An operation that was done counts, even if saying goodbye took too long.
            if (!result && !answer) return done(result.error());
            done(answer);
        };
    talks_.converse(
        call.address, call.port, options_.limit, std::make_unique<PduConversation>(call), std::move(ended)
    );
}

}  // namespace csim
