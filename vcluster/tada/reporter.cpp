#include "vcluster/tada/reporter.hpp"

#include <algorithm>

namespace csim {

Result<TadaAddress> parse_tada_address(const std::string& text) {
    TadaAddress address;
    const auto colon = text.find(':');
    if (colon != 0 && !text.empty()) address.host = text.substr(0, colon);
    if (colon == std::string::npos) return address;
    const std::string port = text.substr(colon + 1);
    if (port.empty() || port.size() > 5 || port.find_first_not_of("0123456789") != std::string::npos ||
        std::stoi(port) < 1 || std::stoi(port) > 65535)
        return Error{Errc::bad_argument, "'" + text + "' is not HOST[:PORT]"};
    address.port = static_cast<std::uint16_t>(std::stoi(port));
    return address;
}

Result<TadaReporter> TadaReporter::open(const TadaAddress& address, TadaRun run) {
    auto socket = DatagramSocket::connect(address.host, address.port);
    if (!socket) return socket.error();
    if (run.description.empty()) run.description = run.name;
    return TadaReporter(std::move(*socket), std::move(run));
}

TadaReporter::~TadaReporter() {
    if (socket_ && begun_ && !over_) finish(run_.started);
}

Result<Nothing> TadaReporter::send(const Json& message) {
    return socket_->send(message.dump(-1, ' ', false, Json::error_handler_t::replace));
}

void TadaReporter::declare(const std::string& number, const std::string& description) {
    const auto found =
        std::find_if(run_.assertions.begin(), run_.assertions.end(), [&](const TadaAssertion& each) {
            return each.number == number;
        });
    TadaAssertion fresh;
    fresh.number = number;
    fresh.description = description;
    if (found == run_.assertions.end())
        run_.assertions.push_back(fresh);
    else
        *found = fresh;
}

Result<Nothing> TadaReporter::start(std::int64_t now) {
    run_.started = now;
    run_.id = tada_test_id(run_.suite, run_.type, run_.name, run_.user, run_.commit, now);
    begun_ = true;
    // A lost beginning loses the whole run at the original's server; twice is harmless there.
    const auto first = send(tada_start_message(run_));
    if (!first) return first;
    return send(tada_start_message(run_));
}

Result<Nothing> TadaReporter::evaluate(const std::string& number, bool passed, const std::string& condition) {
    if (!begun_ || over_)
        return Error{Errc::conflict, "the test " + run_.name + (over_ ? " is over" : " has not begun")};
    for (TadaAssertion& each : run_.assertions) {
        if (each.number != number) continue;
        each.status = passed ? "passed" : "failed";
        each.condition = condition;
        return send(tada_assert_message(run_, each));
    }
    return Error{Errc::not_found, "nobody has declared the assertion " + number};
}

Result<int> TadaReporter::finish(std::int64_t now) {
    const int status = run_.passed() ? 0 : 255;
    if (over_ || !begun_) return status;
    over_ = true;
    run_.finished = now;
    for (const TadaAssertion& each : run_.assertions) {
        if (each.status != "skipped") continue;
        if (const auto sent = send(tada_assert_message(run_, each)); !sent) return sent.error();
    }
    if (const auto sent = send(tada_finish_message(run_)); !sent) return sent.error();
    return status;
}

}  // namespace csim
