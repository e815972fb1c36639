#include "vcluster/docker/docker_engine.hpp"

#include "vcluster/docker/docker_backend.hpp"

#include <nlohmann/json.hpp>

#include <cstdlib>

namespace csim {
namespace {

Errc kind_of(unsigned status) {
    if (status == 404) return Errc::not_found;
    if (status == 409) return Errc::conflict;
    return status == 403 || status == 401 ? Errc::refused : Errc::io;
}

std::string message_of(const HttpReply& reply) {
    const Json body = Json::parse(reply.body, nullptr, false);
    if (body.is_object() && body.contains("message") && body["message"].is_string())
        return body["message"].get<std::string>();
    return "the engine answered " + std::to_string(reply.status);
}

/// What a shell would have ended with, for a program that the engine could not begin; 0: that is not why.
int status_of_refusal(const std::string& message) {
    if (message.find("not found") != std::string::npos || message.find("no such file") != std::string::npos)
        return 127;
    return message.find("permission denied") != std::string::npos ? 126 : 0;
}

}  // namespace

std::string usual_engine() {
    const char* given = std::getenv("DOCKER_HOST");
    return given != nullptr && *given != '\0' ? given : "unix:///var/run/docker.sock";
}

Result<DockerEngine::Reply> DockerEngine::call(
    const std::string& method, const std::string& target, const Json& body, const CallLimit& limit
) const {
    HttpRequest request;
    request.method = method;
    request.target = target;
    if (!body.is_null()) {
        request.headers.emplace_back("Content-Type", "application/json");
        request.body = body.dump(-1, ' ', false, Json::error_handler_t::replace);
    }
    const auto reply = http_.request(request, limit);
    if (!reply) return reply.error();
    if (reply->status >= 400) return Error{kind_of(reply->status), message_of(*reply)};
    return Reply{reply->status, Json::parse(reply->body, nullptr, false)};
}

Result<ExecResult> DockerEngine::exec(
    const std::string& container, const ExecSpec& spec, const CallLimit& limit
) const {
    Json env = Json::array();
    for (const auto& [name, value] : spec.environment) env.push_back(name + "=" + value);
    Json wanted{
        {"AttachStdin", !spec.input.empty()},
        {"AttachStdout", !spec.detached},
        {"AttachStderr", !spec.detached},
        {"Tty", false},
        {"Env", env},
        {"Cmd", spec.command}};
    if (!spec.user.empty()) wanted["User"] = spec.user;
    if (!spec.folder.empty()) wanted["WorkingDir"] = spec.folder;
    const auto made = call("POST", "/containers/" + container + "/exec", wanted, limit);
    if (!made) return made.error();
    const std::string id = made->body.value("Id", "");
    HttpRequest start;
    start.method = "POST";
    start.target = "/exec/" + id + "/start";
    start.headers.emplace_back("Content-Type", "application/json");
    start.body = Json{{"Detach", spec.detached}, {"Tty", false}}.dump();
    ExecResult result;
    FrameReader frames([&](int stream, std::string_view text) {
        (stream == 2 && !spec.merged ? result.err : result.out) += text;
    });
    const auto ran = spec.detached
                         ? http_.request(start, limit)
                         : http_.stream(
                               start, spec.input, [&](std::string_view bytes) { frames.feed(bytes); }, limit
                           );
    if (!ran) return ran.error();
    if (ran->status >= 400) {
        const std::string why = message_of(*ran);
        if (why.find("unable to find user") != std::string::npos ||
            why.find("no matching entries in passwd") != std::string::npos)
            return Error{Errc::not_found, why};
        const int status = status_of_refusal(why);
        if (status == 0) return Error{kind_of(ran->status), why};
        return ExecResult{status, "", why + "\n"};
    }
    if (spec.detached) return result;
    // The stream may end a moment before the engine has noticed the program's end.
    for (int i = 0; i < 1000; ++i) {
        const auto seen = call("GET", "/exec/" + id + "/json", nullptr, limit);
        if (!seen) return seen.error();
        if (seen->body.value("Running", false)) continue;
        result.status = seen->body["ExitCode"].is_number() ? seen->body["ExitCode"].get<int>() : 0;
        return result;
    }
    return Error{Errc::unreachable, "the engine does not tell how the program ended"};
}

void FrameReader::feed(std::string_view bytes) {
    while (!bytes.empty()) {
        if (left_ == 0) {
            const auto take = std::min<std::size_t>(8 - head_.size(), bytes.size());
            head_ += bytes.substr(0, take);
            bytes.remove_prefix(take);
            if (head_.size() < 8) return;
            for (std::size_t i = 4; i < 8; ++i) left_ = left_ << 8 | static_cast<unsigned char>(head_[i]);
            if (left_ == 0) head_.clear();
            continue;
        }
        const auto part = bytes.substr(0, left_);
        heard_(head_[0], part);
        left_ -= part.size();
        bytes.remove_prefix(part.size());
        if (left_ == 0) head_.clear();
    }
}

}  // namespace csim
