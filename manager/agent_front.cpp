#include "manager/agent_front.hpp"

#include "manager/http_replies.hpp"
#include "manager/http_target.hpp"

#include <algorithm>

namespace csim {
namespace {

constexpr std::size_t register_bytes_max = 1'048'576;
constexpr std::string_view setup_prefix = "/agent/setup/";
constexpr std::string_view register_prefix = "/agent/register/";
constexpr std::string_view repository_prefix = "/repo/";
constexpr std::string_view certificate_path = "/certificate/";

/// The one step of a canonical path behind `prefix`; nothing if it is not a well-formed secret.
std::optional<std::string_view> secret_behind(std::string_view prefix, std::string_view path) {
    if (!path.starts_with(prefix)) return std::nullopt;
    std::string_view secret = path.substr(prefix.size());
    if (secret.empty()) return std::nullopt;
    secret.remove_suffix(1);
    const auto allowed = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
    };
    const bool good = !secret.empty() && std::all_of(secret.begin(), secret.end(), allowed);
    return good ? std::optional(secret) : std::nullopt;
}

HttpReply wrong_method(std::string_view allowed) {
    HttpReply reply = empty_reply(405);
    reply.headers.emplace_back("Allow", allowed);
    return reply;
}

bool needs_certificate(std::string_view path) {
    return path == "/agent/message/" || path == "/agent/reregister/" || path == "/agent/copytool_event/" ||
           path.starts_with(repository_prefix);
}

HttpReply serve_certificate(const HttpRequest& request, const std::string& pem) {
    const std::string_view target = request.target;
    const std::string_view path = target.substr(0, std::min(target.find('?'), target.size()));
    if (request.method != "GET" && request.method != "HEAD") return wrong_method("GET");
    if (path.ends_with('/')) return {301, {{"Location", "/certificate"}}, {}};
    HttpReply reply = typed_reply(200, "application/octet-stream", pem);
    reply.headers.emplace_back("Content-Disposition", "attachment; filename=download.cer");
    return reply;
}

}  // namespace

std::optional<HttpReply> refuse_peer(const Peer& peer) {
    if (peer.certificate != Peer::Certificate::invalid) return std::nullopt;
    return text_reply(400, "<html><body>The SSL certificate error</body></html>");
}

AgentFront::AgentFront(
    AgentService& service, CertificateTable& certificates, Registrar& registrar, const Signer& signer,
    CopytoolSink* copytools
)
    : service_(service),
      certificates_(certificates),
      registrar_(registrar),
      signer_(signer),
      copytools_(copytools) {}

bool AgentFront::owns(std::string_view target) {
    const std::string path = canonical_path(target);
    return path.starts_with("/agent/") || path.starts_with(repository_prefix) || path == certificate_path;
}

void AgentFront::handle(const HttpRequest& request, const Peer& peer, Done done) {
    if (auto refusal = refuse_peer(peer)) return done(*std::move(refusal));
    const std::string path = canonical_path(request.target);
    if (path == certificate_path) return done(serve_certificate(request, signer_.authority_certificate()));
    if (needs_certificate(path)) {
        if (peer.certificate == Peer::Certificate::none)
            return done(text_reply(401, "<html><body>A client certificate is required</body></html>"));
        const std::string* fqdn = certificates_.find_fqdn(peer.serial);
        if (fqdn == nullptr) return done(empty_reply(403));
        return handle_as(std::string(*fqdn), path, request, std::move(done));
    }
    if (const auto secret = secret_behind(setup_prefix, path)) {
        if (request.method != "GET") return done(wrong_method("GET"));
        return done(registrar_.setup(*secret, query_value(query_of(request.target), "profile_name")));
    }
    if (const auto secret = secret_behind(register_prefix, path)) {
        if (request.body.size() > register_bytes_max) return done(empty_reply(413));
        if (request.method != "POST") return done(wrong_method("POST"));
        return registrar_.register_agent(*secret, request.body, std::move(done));
    }
    done(empty_reply(404));
}

void AgentFront::handle_as(
    const std::string& fqdn, std::string_view path, const HttpRequest& request, Done done
) {
    const bool is_post = request.method == "POST";
    if (path == "/agent/message/") {
        if (request.method == "GET") return poll(fqdn, query_of(request.target), std::move(done));
        return done(is_post ? post(fqdn, request.body) : wrong_method("GET, POST"));
    }
    if (path == "/agent/reregister/") {
        if (request.body.size() > register_bytes_max) return done(empty_reply(413));
        if (!is_post) return done(wrong_method("POST"));
        return registrar_.reregister(fqdn, request.body, std::move(done));
    }
    if (path != "/agent/copytool_event/") return done(empty_reply(404));
    if (request.body.size() > post_bytes_max) return done(empty_reply(413));
    if (!is_post) return done(wrong_method("POST"));
    if (copytools_ == nullptr) return done(text_reply(400, "There are no copytools"));
    done(take_copytool_events(*copytools_, fqdn, request.body));
}

void AgentFront::poll(const std::string& fqdn, std::string_view query, Done done) {
    AgentGet get;
    get.server_boot_time = query_value(query, "server_boot_time").value_or("");
    get.client_start_time = query_value(query, "client_start_time").value_or("");
    service_.get(fqdn, get, [done = std::move(done)](AgentAnswer<std::vector<Message>> answer) mutable {
        if (answer.has_error()) return done(text_reply(answer.error().status, answer.error().text));
        done(json_reply(200, encode_messages(*answer)));
    });
}

HttpReply AgentFront::post(const std::string& fqdn, std::string_view body) {
    const auto request = decode_post(body);
    if (!request) {
        if (request.error().code == Errc::exhausted) return empty_reply(413);
        if (request.error().detail == "/messages: missing")
            return text_reply(400, "Missing attribute 'messages'");
        return text_reply(400, request.error().detail);
    }
    const auto answer = service_.post(fqdn, *request);
    if (answer.has_error()) return text_reply(answer.error().status, answer.error().text);
    return empty_reply(200);
}

}  // namespace csim
