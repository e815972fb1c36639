#include "sim/token_source.hpp"

#include "core/utc.hpp"

#include <nlohmann/json.hpp>

#include <optional>
#include <utility>
#include <vector>

namespace csim {

struct TokenSource::Work {
    struct Token {
        TokenRequest request;
        std::string RegistrationSecrets::*into;
    };
    std::vector<Token> wanted;
    SimTime now;
    Json profiles;
    RegistrationSecrets secrets;
    UniqueFunction<void(Result<RegistrationSecrets>)> done;

    void fail(Error error) { done(std::move(error)); }
};

namespace {

Error unexpected(const char* what, const RestReply& reply) {
    return Error{
        reply.status == 401 || reply.status == 403 ? Errc::refused : Errc::corrupt,
        std::string("the manager answered ") + std::to_string(reply.status) + " when asked for " + what +
            "; is this the URL of a manager, and may this user do that?"};
}

std::optional<std::string> profile_uri(const Json& profiles, const std::string& name) {
    if (!profiles.is_object() || !profiles.value("objects", Json()).is_array()) return std::nullopt;
    for (const Json& each : profiles["objects"]) {
        if (each.is_object() && each.value("name", "") == name) return each.value("resource_uri", "");
    }
    return std::nullopt;
}

}  // namespace

TokenSource::TokenSource(
    HttpsClient& client, const std::string& base_path, std::string username, std::string password,
    Duration timeout
)
    : rest_(client, base_path, timeout), username_(std::move(username)), password_(std::move(password)) {}

TokenSource::~TokenSource() = default;

void TokenSource::acquire(
    const TokenRequest& server, const TokenRequest& worker, SimTime now,
    UniqueFunction<void(Result<RegistrationSecrets>)> done
) {
    auto work = std::make_shared<Work>();
    work->now = now;
    work->done = std::move(done);
    if (worker.credits > 0) work->wanted.push_back({worker, &RegistrationSecrets::worker});
    if (server.credits > 0) work->wanted.push_back({server, &RegistrationSecrets::server});
    rest_.login(username_, password_, [this, work](Result<Nothing> in) {
        if (!in) return work->fail(in.error());
        list_profiles(work);
    });
}

void TokenSource::list_profiles(std::shared_ptr<Work> work) {
    rest_.get("api/server_profile/?limit=0", [this, work](Result<RestReply> reply) {
        if (!reply) return work->fail(reply.error());
        if (!reply->ok()) return work->fail(unexpected("its server profiles", *reply));
        work->profiles = reply->json();
        make_next(work);
    });
}

void TokenSource::make_next(std::shared_ptr<Work> work) {
    if (work->wanted.empty()) return work->done(std::move(work->secrets));
    const Work::Token token = work->wanted.back();
    work->wanted.pop_back();
    const auto profile = profile_uri(work->profiles, token.request.profile);
    if (!profile)
        return work->fail({Errc::not_found, "the manager has no server profile " + token.request.profile});
    const Json body{
        {"credits", token.request.credits},
        {"profile", *profile},
        {"expiry", utc_text(work->now + token.request.lifetime)}};
    rest_.post("api/registration_token/", body, [this, work, token](Result<RestReply> reply) {
        if (!reply) return work->fail(reply.error());
        const Json made = reply->json();
        if (!reply->ok() || !made.is_object() || !made.value("secret", Json()).is_string()) {
            return work->fail(unexpected("a registration token", *reply));
        }
        work->secrets.*token.into = made["secret"].get<std::string>();
        make_next(work);
    });
}

}  // namespace csim
