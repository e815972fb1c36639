// I-22: what the events of one copytool promise to whoever follows them.
#include "core/json_codec.hpp"
#include "fakes/fake_hsm.hpp"

namespace csim {

struct CopytoolEventCheck::Operation {
    std::int64_t bytes = 0;
    std::int64_t total = 0;
};

CopytoolEventCheck::CopytoolEventCheck() = default;

CopytoolEventCheck::~CopytoolEventCheck() = default;

void CopytoolEventCheck::wrong(const std::string& what) {
    found_.push_back({"I-22", what});
}

void CopytoolEventCheck::died() {
    registered_ = false;
    operations_.clear();
}

void CopytoolEventCheck::line(std::string_view text) {
    const Json event = Json::parse(text);
    const std::string type = event.at("event_type");
    if (type == "REGISTER") {
        if (registered_) wrong("it registers twice");
        registered_ = true;
        operations_.clear();
        return;
    }
    if (!registered_) wrong(type + " outside of its registration");
    if (type == "UNREGISTER") return died();
    const std::string step = type.substr(type.find('_') + 1);
    const std::int64_t bytes = event.at("current_bytes"), total = event.at("total_bytes");
    const std::string source = event.at("source_fid"), data = event.at("data_fid");
    if (bytes < 0 || bytes > total) wrong(source + " is at " + std::to_string(bytes) + " bytes");
    if (step == "START") {
        if (!operations_.try_emplace(data, Operation{bytes, total}).second) wrong(data + " starts twice");
        return;
    }
    const auto known = operations_.find(source);
    if (known != operations_.end() && known->second.total != total) wrong(source + " changes its size");
    operation(step, source, data, bytes);
}

void CopytoolEventCheck::operation(
    const std::string& step, const std::string& source, const std::string& data, std::int64_t bytes
) {
    auto known = operations_.extract(source);
    if (known.empty()) return wrong(step + " of " + source + ", which never started");
    if (bytes < known.mapped().bytes) wrong(source + " goes backwards");
    known.mapped().bytes = bytes;
    if (step != "RUNNING") return;
    known.key() = data;
    operations_.insert(std::move(known));
}

}  // namespace csim
