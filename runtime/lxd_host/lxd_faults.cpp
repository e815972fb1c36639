#include "runtime/lxd_host/lxd_faults.hpp"

#include <nlohmann/json.hpp>

namespace csim {
namespace {

bool known_kind(const std::string& name) {
    for (const LxdFaultKind& each : lxd_fault_kinds())
        if (each.name == name) return true;
    return false;
}

bool known_phase(const std::string& name) {
    for (const char* each : {"", "create", "start", "stop", "destroy", "exec"})
        if (name == each) return true;
    return false;
}

std::string kinds_text() {
    std::string text;
    for (const LxdFaultKind& each : lxd_fault_kinds())
        text += (text.empty() ? "" : ", ") + std::string(each.name);
    return text;
}

/// Fills one field; false if there is none of that name or its value has another type.
bool fill(LxdFault& fault, const std::string& key, const Json& value) {
    for (const auto& [name, field] :
         {std::pair{"kind", &fault.kind},
          {"method", &fault.method},
          {"path", &fault.path},
          {"name", &fault.name},
          {"phase", &fault.phase},
          {"text", &fault.text}}) {
        if (key != name) continue;
        if (value.is_string()) *field = value.get<std::string>();
        return value.is_string();
    }
    for (const auto& [name, field] :
         {std::pair{"ms", &fault.ms}, {"bytes", &fault.bytes}, {"times", &fault.times}}) {
        if (key != name) continue;
        if (value.is_number_integer()) *field = value.get<std::int64_t>();
        return value.is_number_integer();
    }
    if (key == "code" && value.is_number_unsigned()) fault.code = value.get<unsigned>();
    for (const auto& [name, field] : {std::pair{"rate", &fault.rate}, {"recovers", &fault.recovers}}) {
        if (key != name) continue;
        if (value.is_number()) *field = value.get<double>();
        return value.is_number();
    }
    return key == "code" && value.is_number_unsigned();
}

std::string wrong_with(const LxdFault& fault) {
    if (!known_kind(fault.kind))
        return "there is no fault of the kind '" + fault.kind + "'; there are " + kinds_text();
    if (!known_phase(fault.phase))
        return "there is no phase '" + fault.phase + "'; there are create, start, stop, destroy and exec";
    if (!(fault.rate >= 0 && fault.rate <= 1)) return "/rate: a chance is between 0 and 1";
    if (!(fault.recovers >= 0 && fault.recovers <= 1)) return "/recovers: a chance is between 0 and 1";
    if (fault.kind == "slow-upload" && fault.bytes < 1) return "/bytes: must be at least 1 a second";
    if (fault.code < 400 || fault.code > 599) return "/code: an error's is between 400 and 599";
    if (fault.bytes < 0) return "/bytes: must not be negative";
    if (fault.kind != "clock-skew" && (fault.ms < 0 || fault.ms > 86'400'000))
        return "/ms: a delay is between 0 and 86400000";
    return "";
}

}  // namespace

const std::vector<LxdFaultKind>& lxd_fault_kinds() {
    static const std::vector<LxdFaultKind> kinds{
        {"cert-expired", "connections by TLS are shown a certificate that expired yesterday"},
        {"clock-skew", "instants are told `ms` milliseconds too late, or too early"},
        {"daemon-wedge", "no request is answered any more"},
        {"disk-full", "no instance can be created"},
        {"drop-connection", "the connection is cut instead of an answer"},
        {"error", "an answer of `code` and `text`"},
        {"etag-storm", "every ETag is another one"},
        {"event-loss", "events get lost"},
        {"event-reorder", "events change places in pairs"},
        {"events-stall", "no event is sent until it ends"},
        {"ignores-shutdown", "instances do not stop unless forced to"},
        {"latency", "answers come `ms` milliseconds later"},
        {"list-stale", "lists of instances show what they showed first"},
        {"oom", "running instances are killed, one each `ms` milliseconds"},
        {"op-lost", "operations are forgotten as soon as they have ended"},
        {"slow-upload", "bodies of requests arrive at `bytes` bytes a second"},
        {"truncate-body", "the connection is cut after `bytes` bytes of the body"},
        {"wedge", "operations of `phase` never end"},
        {"ws-close-early", "sockets of exec are cut as soon as they are open"},
    };
    return kinds;
}

Result<std::uint64_t> LxdFaults::set(const Json& given) {
    LxdFault fault;
    if (given.is_object() && given.value("kind", Json()) == "slow-upload") fault.bytes = 1 << 20;
    if (!given.is_object()) return Error{Errc::bad_argument, "a fault is an object with a kind"};
    for (const auto& [key, value] : given.items())
        if (!fill(fault, key, value))
            return Error{Errc::bad_argument, "/" + key + ": no such key of a fault, or not of its type"};
    if (const std::string wrong = wrong_with(fault); !wrong.empty()) return Error{Errc::bad_argument, wrong};
    fault.id = ++last_;
    faults_.push_back(std::move(fault));
    return last_;
}

bool LxdFaults::clear(std::uint64_t id) {
    return std::erase_if(faults_, [id](const LxdFault& each) { return each.id == id; }) > 0;
}

Json LxdFaults::shown() const {
    Json list = Json::array();
    for (const LxdFault& each : faults_) {
        list.push_back(
            {{"id", each.id},
             {"kind", each.kind},
             {"method", each.method},
             {"path", each.path},
             {"name", each.name},
             {"phase", each.phase},
             {"text", each.text},
             {"code", each.code},
             {"ms", each.ms},
             {"bytes", each.bytes},
             {"rate", each.rate},
             {"recovers", each.recovers},
             {"times", each.times},
             {"hits", each.hits}}
        );
    }
    return list;
}

bool LxdFaults::draw(LxdFault& fault) {
    if (fault.times == 0 || (fault.rate < 1 && chance_.unit() >= fault.rate)) return false;
    if (fault.times > 0) --fault.times;
    ++fault.hits;
    return true;
}

const LxdFault* LxdFaults::strikes(std::string_view kind, const LxdCall& call) {
    for (LxdFault& each : faults_) {
        if (each.kind != kind || (!each.method.empty() && each.method != call.request.method)) continue;
        if (call.request.target.starts_with(each.path) && draw(each)) return &each;
    }
    return nullptr;
}

const LxdFault* LxdFaults::strikes(std::string_view kind, std::string_view phase, std::string_view name) {
    for (LxdFault& each : faults_) {
        if (each.kind != kind || (!each.phase.empty() && each.phase != phase)) continue;
        if ((each.name.empty() || each.name == name) && draw(each)) return &each;
    }
    return nullptr;
}

const LxdFault* LxdFaults::find(std::string_view kind) const {
    for (const LxdFault& each : faults_)
        if (each.kind == kind) return &each;
    return nullptr;
}

bool LxdFaults::hit(std::string_view kind) {
    for (LxdFault& each : faults_)
        if (each.kind == kind && draw(each)) return true;
    return false;
}

}  // namespace csim
