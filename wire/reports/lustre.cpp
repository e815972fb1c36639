#include "wire/reports/lustre.hpp"

#include "core/json_codec.hpp"

namespace csim {
namespace {

/// The object at `keys`, or null.
Json* object_at(Json& json, std::initializer_list<const char*> keys) {
    Json* at = &json;
    for (const char* key : keys) {
        if (!at->is_object()) return nullptr;
        const auto found = at->find(key);
        if (found == at->end()) return nullptr;
        at = &*found;
    }
    return at->is_object() ? at : nullptr;
}

}  // namespace

Result<LustreReport> decode_lustre_report(const Json& json) {
    Json report = json;
    if (Json* locations = object_at(report, {"resource_locations"});
        locations != nullptr && locations->contains("crm_mon_error")) {
        *locations = nullptr;
    }
    if (Json* targets = object_at(report, {"metrics", "raw", "lustre", "target"})) {
        for (auto target = targets->begin(); target != targets->end();) {
            const bool readable = TargetMetrics::from_json(*target, Strictness::lenient).has_value();
            target = readable ? std::next(target) : targets->erase(target);
        }
    }
    // Null says nothing of client mounts; an agent that leaves them out has none.
    if (Json* raw = object_at(report, {"metrics", "raw"}))
        raw->emplace("lustre_client_mounts", Json::array());
    return from_json_value<LustreReport>(report, Strictness::lenient);
}

}  // namespace csim
