#include "sim/control_client.hpp"

#include "net/rest_client.hpp"
#include "sim/control_record.hpp"

namespace csim {
namespace {

constexpr unsigned status_ok = 200;
constexpr unsigned status_unauthorized = 401;

HttpsClientOptions to(const ManagerUrl& at) {
    HttpsClientOptions options;
    options.host = at.host;
    options.port = at.port;
    options.tls = at.tls;
    options.connections_max = 4;
    return options;
}

}  // namespace

ControlClient::ControlClient(const ManagerUrl& at, const std::string& token, Duration patience)
    : url_(at.text()), rest_(std::make_unique<BlockingRestClient>(to(at), at.base_path, patience)) {
    if (!token.empty()) rest_->authorize(token);
}

ControlClient::~ControlClient() = default;
ControlClient::ControlClient(ControlClient&&) noexcept = default;

Result<Answer> ControlClient::call(const RpcCall& call) {
    const Json body{{"jsonrpc", "2.0"}, {"id", 1}, {"method", call.method}, {"params", call.params}};
    const auto reply = rest_->post("rpc", body);
    if (!reply) return reply.error();
    if (reply->status == status_unauthorized)
        return Error{Errc::refused, "the control port at " + url_ + " wants its token: --control_token"};
    const Json answer = reply->status == status_ok ? reply->json() : Json();
    if (!answer.is_object())
        return Error{Errc::unreachable, "what answers at " + url_ + " is not a control port"};
    if (answer.contains("error"))
        return Error{Errc::conflict, answer["error"].value("message", "the operation failed")};
    return Answer{answer.value("result", Json())};
}

std::optional<ControlClient> find_running(const std::filesystem::path& folder, Duration patience) {
    const auto record = find_control_record(*read_directory(folder));
    if (!record) return std::nullopt;
    const auto at = parse_manager_url(record->url);
    if (!at) return std::nullopt;
    const std::string token = record->token.value_or("");
    const auto told = ControlClient(*at, token).call({"simulator_info", Json::array()});
    if (!told || !told->value.is_object()) return std::nullopt;
    // Another simulator may have taken the port of one that was killed.
    std::error_code ignored;
    if (!std::filesystem::equivalent(told->value.value("folder", ""), folder, ignored)) return std::nullopt;
    return ControlClient(*at, token, patience);
}

}  // namespace csim
