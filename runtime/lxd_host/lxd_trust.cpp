#include "runtime/lxd_host/lxd_trust.hpp"

#include "core/hex.hpp"

#include <nlohmann/json.hpp>
#include <openssl/crypto.h>

namespace csim {
namespace {

constexpr int wrong_max = 20;  ///< guesses of one address before it is not listened to
constexpr int seconds_deaf = 60;
constexpr std::size_t addresses_kept = 10'000;
constexpr std::size_t tokens_max = 1000;

bool same(const std::string& a, const std::string& b) {
    const std::string one = sha256_hex(a), other = sha256_hex(b);
    return CRYPTO_memcmp(one.data(), other.data(), one.size()) == 0;
}

/// The secret inside a token's text; empty if it is none.
std::string secret_in(const std::string& token) {
    const auto text = parse_base64(token);
    if (!text) return "";
    const Json json = Json::parse(*text, nullptr, false);
    if (!json.is_object() || !json.contains("secret") || !json["secret"].is_string()) return "";
    return json["secret"].get<std::string>();
}

}  // namespace

bool LxdTrust::trusts(const ApiPeer& peer) const {
    if (peer.local) return true;
    if (peer.certificate.empty()) return false;
    const std::string fingerprint = sha256_hex(peer.certificate);
    const std::lock_guard lock(mutex_);
    return clients_.contains(fingerprint);
}

void LxdTrust::add(const std::string& name, const std::string& pem) {
    const std::lock_guard lock(mutex_);
    clients_[sha256_hex(certificate_der(pem))] = {name, pem, false};
}

const std::string& LxdTrust::found(const std::string& beginning) const {
    const auto at = clients_.lower_bound(beginning);
    if (beginning.empty() || at == clients_.end() || !at->first.starts_with(beginning))
        throw LxdRefusal{404, "Certificate not found"};
    return at->first;
}

Json LxdTrust::shown(const std::string& fingerprint) const {
    const Client& client = clients_.at(fingerprint);
    return {{"name", client.name},       {"type", "client"},          {"restricted", client.restricted},
            {"projects", Json::array()}, {"certificate", client.pem}, {"fingerprint", fingerprint}};
}

LxdReply LxdTrust::add_client(LxdCall& call) {
    const Json body = call.json();
    if (call.trusted && flag_in(body, "token")) return make_token(call, text_in(body, "name"));
    if (call.trusted && call.peer.local) return accept(call, body);
    const auto seen = wrong_.find(call.peer.address);
    const bool deaf = seen != wrong_.end() && seen->second.count >= wrong_max &&
                      context_.timeline.now() < seen->second.until;
    if (!deaf && (call.trusted || good_secret(text_in(body, "password")))) {
        wrong_.erase(call.peer.address);
        return accept(call, body);
    }
    return refuse_later(call);
}

bool LxdTrust::good_secret(const std::string& secret) {
    if (secret.empty()) return false;
    return (!password_.empty() && same(password_, secret)) || use_token(secret_in(secret));
}

bool LxdTrust::use_token(const std::string& secret) {
    for (auto each = tokens_.begin(); each != tokens_.end(); ++each) {
        if (secret.empty() || !same(each->first, secret)) continue;
        const std::string operation = each->second;
        tokens_.erase(each);
        const bool good = context_.operations.running(operation);
        context_.operations.finish(operation);
        return good;
    }
    return false;
}

// Whoever guesses waits a second for each.
LxdReply LxdTrust::refuse_later(LxdCall& call) {
    if (wrong_.size() > addresses_kept) wrong_.clear();
    Wrong& wrong = wrong_[call.peer.address];
    ++wrong.count;
    wrong.until = context_.timeline.now() + seconds_deaf * context_.second;
    const std::uint64_t number = ++refusals_;
    refused_.emplace(number, std::move(call.responder));
    context_.timeline.after(context_.second, [this, number] {
        const auto at = refused_.find(number);
        at->second.reply(refusal_reply(403, "not authorized"));
        refused_.erase(at);
    });
    return std::nullopt;
}

LxdReply LxdTrust::accept(LxdCall& call, const Json& body) {
    const std::string type = text_in(body, "type", "client");
    if (!type.empty() && type != "client") throw LxdRefusal{400, "Unknown request type " + type};
    std::string der = call.peer.certificate;
    if (const std::string given = text_in(body, "certificate"); !given.empty()) {
        const auto plain = parse_base64(given);
        der = plain ? *plain : certificate_der(given);
        if (certificate_pem(der).empty()) throw LxdRefusal{400, "Invalid certificate material"};
    }
    if (der.empty()) throw LxdRefusal{400, "No client certificate provided"};
    const std::string fingerprint = sha256_hex(der);
    if (clients_.contains(fingerprint)) throw LxdRefusal{409, "Certificate already in trust store"};
    std::string name = text_in(body, "name");
    if (name.empty()) name = call.peer.address;
    {
        const std::lock_guard lock(mutex_);
        clients_[fingerprint] = {name, certificate_pem(der), flag_in(body, "restricted")};
    }
    const std::string location = "/1.0/certificates/" + fingerprint;
    context_.events.lifecycle("certificate-created", location, nullptr, &call.peer);
    return created_reply(location);
}

LxdReply LxdTrust::make_token(LxdCall& call, const std::string& name) {
    if (tokens_.size() >= tokens_max) throw LxdRefusal{400, "There are too many unused tokens"};
    const std::string secret = secret_word();
    const Json request{
        {"name", name},      {"type", "client"}, {"restricted", false}, {"projects", Json::array()},
        {"certificate", ""}, {"password", ""},   {"token", true}};
    Json metadata{
        {"addresses", addresses_}, {"fingerprint", fingerprint_}, {"request", request}, {"secret", secret}};
    LxdOperations::Start start;
    start.type = "token";
    start.description = "Executing operation";
    start.metadata = &metadata;
    start.cancel = [this, secret] { tokens_.erase(secret); };
    const std::string id = context_.operations.begin(std::move(start));
    tokens_[secret] = id;
    static_cast<void>(call);
    return context_.operations.accepted(id);
}

LxdReply LxdTrust::change(LxdCall& call) {
    const std::string fingerprint = found(call.path[2]);
    const std::lock_guard lock(mutex_);
    if (call.request.method == "DELETE") {
        clients_.erase(fingerprint);
        return sync_reply(Json::object());
    }
    const Json body = call.json();
    Client& client = clients_.at(fingerprint);
    client.name = text_in(body, "name", client.name);
    client.restricted = flag_in(body, "restricted", client.restricted);
    return sync_reply(Json::object());
}

void LxdTrust::add_routes(LxdRoutes& routes) {
    const std::string all = "/1.0/certificates", one = all + "/*";
    routes.add("GET", all, [this](LxdCall& call) -> LxdReply {
        Json list = Json::array();
        for (const auto& [fingerprint, client] : clients_)
            list.push_back(
                call.recursion() > 0 ? shown(fingerprint) : Json("/1.0/certificates/" + fingerprint)
            );
        return sync_reply(list);
    });
    routes.add(
        "POST", all, [this](LxdCall& call) { return add_client(call); }, true
    );
    routes.add("GET", one, [this](LxdCall& call) -> LxdReply {
        const Json json = shown(found(call.path[2]));
        return sync_reply(json, etag_of(json));
    });
    for (const char* method : {"PUT", "PATCH", "DELETE"})
        routes.add(method, one, [this](LxdCall& call) { return change(call); });
}

}  // namespace csim
