#include "manager/registrar.hpp"

#include "core/json_codec.hpp"
#include "manager/http_replies.hpp"
#include "manager/setup_script.hpp"
#include "state/document_of.hpp"

#include <utility>

namespace csim {
namespace {

constexpr const char* whole_body = "__all__";

/// `(4, 0, 10)`, and `(4,)` for one component, as operators know it.
std::string tuple_text(const std::vector<std::int64_t>& version) {
    std::string text = "(";
    for (std::size_t i = 0; i < version.size(); ++i) text += (i > 0 ? ", " : "") + std::to_string(version[i]);
    return text + (version.size() == 1 ? ",)" : ")");
}

std::optional<std::string> text_member(const Json& object, const char* key) {
    const auto found = object.find(key);
    if (found == object.end() || !found->is_string()) return std::nullopt;
    return found->get<std::string>();
}

/// The version as text; nothing if it is absent or of no use.
std::optional<std::string> version_member(const Json& object) {
    const auto found = object.find("version");
    if (found == object.end()) return std::nullopt;
    const bool unknown = found->is_null() || (found->is_number() && *found == 0);
    return unknown ? std::string() : text_member(object, "version");
}

}  // namespace

/// One registration on its way.
struct Registrar::Attempt {
    Token token;
    HostDraft draft;
    CertificateRequest request;
    std::optional<RegisteredHost> known;  ///< the host lost the reply to its registration
    Done done;
};

Registrar::Registrar(
    Timeline& timeline, Documents& documents, Tokens& tokens, CertificateTable& certificates, Signer& signer,
    HostRegistry& hosts, AgentService& service, RegistrarOptions options
)
    : timeline_(timeline),
      documents_(documents),
      tokens_(tokens),
      certificates_(certificates),
      signer_(signer),
      hosts_(hosts),
      service_(service),
      options_(std::move(options)) {}

void Registrar::register_agent(std::string_view secret, std::string_view body, Done done) {
    auto token = tokens_.consume(secret);
    if (!token) return done(empty_reply(403));
    auto attempt = std::make_shared<Attempt>();
    attempt->token = *std::move(token);
    attempt->done = std::move(done);
    if (auto refusal = check(*attempt, body)) return attempt->done(*std::move(refusal));
    in_progress_.insert(attempt->draft.fqdn);
    sign(std::move(attempt));
}

std::optional<HttpReply> Registrar::check(Attempt& attempt, std::string_view body) const {
    const auto parsed = parse_json(body);
    if (parsed.has_error()) return field_reply(whole_body, "The body is not JSON: " + parsed.error().detail);
    const Json& json = parsed.value();
    if (!json.is_object()) return field_reply(whole_body, "The body must be an object");
    auto version = version_member(json);
    if (!version) return field_reply("version", "Must be a text such as 4.0.10.0");
    const auto agent = parse_version(*version);
    const auto manager = parse_version(options_.manager_version);
    if (!versions_compatible(manager, agent)) {
        return text_reply(
            400, "Version incompatibility between manager " + tuple_text(manager) + " and agent " +
                     tuple_text(agent)
        );
    }
    const auto csr = text_member(json, "csr");
    if (!csr) return field_reply("csr", "This field is mandatory");
    auto request = signer_.parse(*csr);
    if (!request) return field_reply("csr", request.error().detail);
    auto fqdn = text_member(json, "fqdn");
    if (!fqdn) return field_reply("fqdn", "This field is mandatory");
    attempt.request = *std::move(request);
    attempt.draft = {
        *fqdn, text_member(json, "nodename").value_or(""), text_member(json, "address").value_or(""),
        *version, attempt.token.profile};
    if (attempt.draft.address.empty()) attempt.draft.address = *fqdn;
    if (auto refusal = check_identity(attempt)) return refusal;
    if (attempt.draft.nodename.empty()) return field_reply("nodename", "This field is mandatory");
    return std::nullopt;
}

std::optional<HttpReply> Registrar::check_identity(Attempt& attempt) const {
    const std::string& fqdn = attempt.draft.fqdn;
    // Deliberately terse: whoever asks in another's name learns nothing.
    if (attempt.request.common_name != fqdn) return empty_reply(400);
    if (!is_host_name(fqdn)) return field_reply("fqdn", "Must be a host name");
    const HttpReply in_use = text_reply(400, R"({"fqdn": ["FQDN in use"]})");
    if (in_progress_.contains(fqdn)) return in_use;
    if (!hosts_.host_in_use(fqdn)) return std::nullopt;
    const CertificateRecord* record = certificates_.find_record(fqdn);
    const bool same_key = record != nullptr && record->key_fingerprint == attempt.request.key_fingerprint;
    const bool never_came = !service_.boot_time(fqdn) && !service_.in_contact(fqdn);
    if (!same_key || !never_came) return in_use;
    attempt.known = RegisteredHost{record->host_id, record->command_id};
    return std::nullopt;
}

void Registrar::sign(std::shared_ptr<Attempt> attempt) {
    const CertificateRequest& request = attempt->request;
    signer_.sign(request, [this, attempt](Result<SignedCertificate> certificate) {
        const bool repeated = certificate.has_value() && certificates_.issued(certificate->serial);
        if (repeated) return sign(attempt);
        finish(*attempt, certificate);
    });
}

void Registrar::finish(Attempt& attempt, const Result<SignedCertificate>& certificate) {
    in_progress_.erase(attempt.draft.fqdn);
    if (!certificate) return attempt.done(field_reply("csr", certificate.error().detail));
    if (auto refusal = admit(attempt, certificate->serial)) return attempt.done(*std::move(refusal));
    const Json reply = {
        {"host_id", attempt.known->host_id},
        {"command_id", attempt.known->command_id},
        {"certificate", certificate->pem}};
    documents_.when_durable([done = std::move(attempt.done), text = reply.dump()]() mutable {
        done(json_reply(201, std::move(text)));
    });
}

/// The host and its certificate, both or neither. Leaves the host's ids in `attempt.known`.
std::optional<HttpReply> Registrar::admit(Attempt& attempt, const std::string& serial) {
    const std::string& fqdn = attempt.draft.fqdn;
    if (attempt.known && !hosts_.host_in_use(fqdn)) {
        return field_reply("fqdn", "The host was removed meanwhile");
    }
    if (!attempt.known) {
        const bool adopted = service_.knows(fqdn);
        service_.add_host(fqdn);
        auto created = hosts_.create_host(attempt.draft);
        if (!created) {
            if (!adopted) service_.remove_host(fqdn);
            const bool address = created.error().code == Errc::conflict;
            return field_reply(address ? "address" : whole_body, created.error().detail);
        }
        attempt.known = *created;
    }
    CertificateRecord record{
        fqdn, attempt.request.key_fingerprint, attempt.known->host_id, attempt.known->command_id, false};
    certificates_.add(serial, std::move(record));
    return std::nullopt;
}

void Registrar::reregister(const std::string& fqdn, std::string_view body, Done done) {
    HttpReply reply = change_name(fqdn, body);
    if (reply.status != 200) return done(std::move(reply));
    documents_.when_durable([done = std::move(done), reply = std::move(reply)]() mutable {
        done(std::move(reply));
    });
}

HttpReply Registrar::change_name(const std::string& fqdn, std::string_view body) {
    const auto parsed = parse_json(body);
    if (parsed.has_error()) return field_reply(whole_body, "The body is not JSON: " + parsed.error().detail);
    if (!parsed.value().is_object()) return field_reply(whole_body, "The body must be an object");
    const auto to = text_member(parsed.value(), "fqdn");
    if (!to || !is_host_name(*to)) return field_reply("fqdn", "Must be a host name");
    const auto address = text_member(parsed.value(), "address");
    if (!address || address->empty()) return field_reply("address", "This field is mandatory");
    const bool renamed = *to != fqdn;
    const bool taken = hosts_.host_in_use(*to) || in_progress_.contains(*to) || service_.knows(*to);
    if (renamed && taken) return field_reply("fqdn", "FQDN in use");
    const auto changed = hosts_.rename_host(fqdn, *to, *address);
    if (!changed) {
        return field_reply(
            changed.error().code == Errc::conflict ? "address" : whole_body, changed.error().detail
        );
    }
    if (renamed) {
        certificates_.rename(fqdn, *to);
        service_.rename_host(fqdn, *to);
    }
    return empty_reply(200);
}

HttpReply Registrar::setup(std::string_view secret, const std::optional<std::string>& profile_name) {
    const auto token = tokens_.check(secret);
    if (!token) return empty_reply(403);
    const std::string profile = profile_name.value_or(token->profile);
    auto json = hosts_.profile_json(profile);
    if (!json) return field_reply("profile_name", "There is no server profile " + profile);
    if (profile != token->profile)
        return field_reply("profile_name", "The token is for profile " + token->profile);
    SetupFacts facts;
    facts.authority_certificate = signer_.authority_certificate();
    facts.manager_url = options_.manager_url;
    facts.secret = token->secret;
    facts.profile_json = *std::move(json);
    facts.now = timeline_.now();
    return typed_reply(201, "text/plain; charset=utf-8", setup_script(facts));
}

void Registrar::remove_host(const std::string& fqdn) {
    certificates_.revoke(fqdn);
    service_.remove_host(fqdn);
}

}  // namespace csim
