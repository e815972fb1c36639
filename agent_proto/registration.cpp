#include "agent_proto/registration.hpp"

#include "agent_proto/identity.hpp"
#include "core/json_codec.hpp"
#include "wire/json_text.hpp"

#include <nlohmann/json.hpp>

#include <memory>

namespace csim {
namespace {

constexpr std::size_t quoted_bytes_max = 200;

/// Answers of other programs may be long and have many lines; a sentence quotes the beginning.
std::string excerpt(std::string_view body) {
    std::string text;
    for (const char c : body.substr(0, quoted_bytes_max)) text.push_back(c == '\n' || c == '\r' ? ' ' : c);
    if (body.size() > quoted_bytes_max) text += "…";
    return text;
}

/// `{"<field>": ["<reason>", …]}` as "<field>: <reason>"; anything else as it is.
std::string reason_of(std::string_view body) {
    const auto parsed = parse_json(body);
    if (parsed.has_error() || !parsed.value().is_object()) return excerpt(body);
    const Json& fields = parsed.value();
    for (const auto& [field, reasons] : fields.items()) {
        if (reasons.is_array() && !reasons.empty() && reasons[0].is_string()) {
            return field + ": " + excerpt(reasons[0].get<std::string>());
        }
    }
    return excerpt(body);
}

Error bad_request(const std::string& fqdn, std::string_view body) {
    if (body.empty()) {
        return Error{
            Errc::bad_argument,
            "the manager refused " + fqdn + " because its certificate request names another host"};
    }
    const std::string reason = reason_of(body);
    if (reason.find("in use") != std::string::npos) {
        return Error{
            Errc::conflict, "the manager already has a host named " + fqdn + "; remove it there first"};
    }
    return Error{Errc::bad_argument, "the manager refused " + fqdn + ": " + reason};
}

Error refusal(const std::string& fqdn, const RegistrationTransport::Reply& reply) {
    const std::string status = std::to_string(reply.status);
    if (reply.status == 400) return bad_request(fqdn, reply.body);
    if (reply.status == 403) {
        return Error{
            Errc::refused, "the manager refused the registration token for " + fqdn +
                               ": it is unknown, used up, expired or cancelled; get a new one"};
    }
    if (reply.status == 404) {
        return Error{
            Errc::refused, "there is no place to register at for " + fqdn +
                               " (status 404); check the manager's URL and the token's spelling"};
    }
    if (reply.status >= 500) {
        return Error{
            Errc::unreachable,
            "the manager failed with status " + status + " while registering " + fqdn +
                "; its log says why, and a host of that name or address may be left behind"};
    }
    return Error{
        Errc::corrupt, "the manager answered the registration of " + fqdn + " with status " + status};
}

/// What bootstrap scripts understand: one line of JSON.
Result<Registered> accepted(const std::string& fqdn, std::string_view body) {
    const auto parsed = parse_json(body.substr(0, body.find('\n')));
    const Error corrupt{
        Errc::corrupt,
        "the manager answered the registration of " + fqdn +
            " with something else than one line of JSON with host_id, command_id and certificate"};
    if (parsed.has_error() || !parsed.value().is_object()) return corrupt;
    const Json& reply = parsed.value();
    const auto host_id = reply.find("host_id");
    const auto command_id = reply.find("command_id");
    const auto certificate = reply.find("certificate");
    for (const auto& found : {host_id, command_id, certificate}) {
        if (found == reply.end()) return corrupt;
    }
    if (!host_id->is_number_integer() || !command_id->is_number_integer() || !certificate->is_string()) {
        return corrupt;
    }
    return Registered{
        host_id->get<std::int64_t>(), command_id->get<std::int64_t>(), certificate->get<std::string>()};
}

}  // namespace

Result<std::string> registration_body(const Registrant& registrant, const std::string& csr_pem) {
    const auto checked = check_fqdn(registrant.fqdn);
    if (!checked) return checked.error();
    const Json body = {
        {"fqdn", registrant.fqdn},
        {"nodename", registrant.nodename},
        {"address", registrant.address.empty() ? registrant.fqdn : registrant.address},
        {"version", registrant.version},
        {"capabilities", registrant.capabilities},
        {"csr", csr_pem},
    };
    std::string text;
    write_json_text(text, body);
    return text;
}

namespace {

/// Who asked with a plain request, as runs without sockets do, is answered with a plain certificate.
bool readable(const std::string& certificate, std::string_view csr_pem) {
    if (!csr_pem.starts_with("-----BEGIN PLAIN REQUEST-----"))
        return read_certificate(certificate).has_value();
    return certificate.starts_with("-----BEGIN PLAIN CERTIFICATE-----");
}

Result<Registered> read_answer(
    const std::string& fqdn, const RegistrationTransport::Reply& reply, std::string_view csr_pem
) {
    if (reply.status != 201) return refusal(fqdn, reply);
    auto registered = accepted(fqdn, reply.body);
    if (!registered || readable(registered->certificate, csr_pem)) return registered;
    return Error{
        Errc::corrupt, "the manager registered " + fqdn + " but sent no certificate that can be read"};
}

}  // namespace

Result<Registered> read_registration_reply(
    const std::string& fqdn, const RegistrationTransport::Reply& reply
) {
    return read_answer(fqdn, reply, {});
}

void register_host(
    RegistrationTransport& transport, const std::string& secret, const Registrant& registrant,
    const std::string& csr_pem, UniqueFunction<void(Result<Registered>)> done
) {
    const auto body = registration_body(registrant, csr_pem);
    if (!body) return done(body.error());
    const auto read = [fqdn = registrant.fqdn, csr_pem,
                       done = std::make_shared<decltype(done)>(std::move(done)
                       )](Result<RegistrationTransport::Reply> reply) {
        if (!reply) return (*done)(reply.error());
        (*done)(read_answer(fqdn, *reply, csr_pem));
    };
    transport.register_agent(secret, *body, read);
}

}  // namespace csim
