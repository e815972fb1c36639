#include "vcluster/tada/run.hpp"

#include "core/hex.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <map>

namespace csim {
namespace {

std::string text_of(const Json& object, const char* key, const std::string& otherwise = "") {
    const auto found = object.find(key);
    if (found == object.end()) return otherwise;
    return found->is_string()                          ? found->get<std::string>()
           : found->is_number() || found->is_boolean() ? found->dump()
                                                       : otherwise;
}

/// Seconds, whole; what is no number or out of all range is unknown.
std::int64_t seconds_of(const Json& object) {
    const auto found = object.find("timestamp");
    if (found == object.end() || !found->is_number()) return 0;
    const double value = found->get<double>();
    return value > 0 && value < 1e11 ? static_cast<std::int64_t>(value) : 0;
}

Json common(const TadaRun& run, const char* kind) {
    return {{"msg-type", kind},      {"test-suite", run.suite}, {"test-type", run.type},
            {"test-name", run.name}, {"test-user", run.user},   {"commit-id", run.commit},
            {"test-id", run.id}};
}

}  // namespace

bool TadaRun::passed() const {
    std::map<std::string, std::string> last;
    for (const TadaAssertion& each : assertions) last[each.number] = each.status;
    return std::all_of(last.begin(), last.end(), [](const auto& each) { return each.second == "passed"; });
}

std::string tada_test_id(
    const std::string& suite, const std::string& type, const std::string& name, const std::string& user,
    const std::string& commit, std::int64_t started
) {
    const std::string whole =
        suite + ":" + type + ":" + name + ":" + user + ":" + commit + ":" + std::to_string(started);
    unsigned char raw[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    EVP_Digest(whole.data(), whole.size(), raw, &length, EVP_sha256(), nullptr);
    return hex_text({reinterpret_cast<char*>(raw), length});
}

Result<TadaMessage> parse_tada_message(const std::string& bytes) {
    const Json json = Json::parse(bytes, nullptr, false);
    if (json.is_discarded()) return Error{Errc::bad_argument, "not JSON"};
    if (!json.is_object()) return Error{Errc::bad_argument, "not an object"};
    TadaMessage message;
    message.kind = text_of(json, "msg-type");
    if (message.kind != "test-start" && message.kind != "assert-status" && message.kind != "test-finish")
        return Error{Errc::bad_argument, "unknown kind '" + message.kind.substr(0, 40) + "'"};
    message.id = text_of(json, "test-id");
    TadaRun& run = message.run;
    run.suite = text_of(json, "test-suite");
    run.type = text_of(json, "test-type");
    run.name = text_of(json, "test-name");
    run.user = text_of(json, "test-user", "NONE");
    run.commit = text_of(json, "commit-id", "NONE");
    run.description = text_of(json, "test-desc", run.name);
    (message.kind == "test-finish" ? run.finished : run.started) = seconds_of(json);
    if (message.id.empty() && (run.suite.empty() || run.name.empty()))
        return Error{Errc::bad_argument, "neither a test-id nor a suite and a name"};
    if (message.kind != "assert-status") return message;
    TadaAssertion& assertion = message.assertion;
    assertion.number = text_of(json, "assert-no");
    assertion.number_is_text = json.contains("assert-no") && json["assert-no"].is_string();
    assertion.description = text_of(json, "assert-desc");
    assertion.condition = text_of(json, "assert-cond", "none");
    assertion.status = text_of(json, "test-status");
    if (assertion.number.empty()) return Error{Errc::bad_argument, "an assertion without a number"};
    if (assertion.status != "passed" && assertion.status != "failed" && assertion.status != "skipped")
        return Error{Errc::bad_argument, "unknown status '" + assertion.status.substr(0, 40) + "'"};
    return message;
}

Json tada_start_message(const TadaRun& run) {
    Json message = common(run, "test-start");
    message["test-desc"] = run.description;
    message["timestamp"] = run.started;
    return message;
}

Json tada_assert_message(const TadaRun& run, const TadaAssertion& assertion) {
    Json message = common(run, "assert-status");
    const bool number = !assertion.number_is_text && !assertion.number.empty() &&
                        assertion.number.size() < 18 &&
                        assertion.number.find_first_not_of("0123456789") == std::string::npos;
    message["assert-no"] = number ? Json(std::stoll(assertion.number)) : Json(assertion.number);
    message["assert-desc"] = assertion.description;
    message["assert-cond"] = assertion.condition;
    message["test-status"] = assertion.status;
    return message;
}

Json tada_finish_message(const TadaRun& run) {
    Json message = common(run, "test-finish");
    message["timestamp"] = run.finished;
    return message;
}

bool natural_less(const std::string& a, const std::string& b) {
    const auto number = [](const std::string& text) {
        return !text.empty() && text.find_first_not_of("0123456789") == std::string::npos;
    };
    if (number(a) != number(b)) return number(a);
    if (number(a) && a.size() != b.size()) return a.size() < b.size();
    return a < b;
}

}  // namespace csim
