#include "core/trace.hpp"

#include <nlohmann/json.hpp>

#include <cstdio>

namespace csim {

void Trace::mix(std::string_view text) {
    // FNV-1a, with a separator so that neighbouring texts cannot trade letters.
    for (const char c : text) digest_ = (digest_ ^ static_cast<unsigned char>(c)) * 1099511628211u;
    digest_ = (digest_ ^ 0xff) * 1099511628211u;
}

void Trace::record(std::string_view who, std::string_view name, const Json& fields) {
    mix(std::to_string(timeline_.now().unix_ns()));
    mix(who);
    mix(name);
    mix(fields.dump(-1, ' ', false, Json::error_handler_t::replace));
    ++total_;
    const auto found = counts_.find(name);
    if (found != counts_.end()) {
        ++found->second;
    } else {
        counts_.emplace(name, 1);
    }
    const TraceRecord what{timeline_.now(), who, name, fields};
    for (auto& listener : listeners_) listener(what);
}

void Trace::listen(UniqueFunction<void(const TraceRecord&)> listener) {
    listeners_.push_back(std::move(listener));
}

std::uint64_t Trace::count(std::string_view name) const {
    const auto found = counts_.find(name);
    return found == counts_.end() ? 0 : found->second;
}

std::string Trace::digest() const {
    char text[17];
    std::snprintf(text, sizeof text, "%016llx", static_cast<unsigned long long>(digest_));
    return text;
}

}  // namespace csim
