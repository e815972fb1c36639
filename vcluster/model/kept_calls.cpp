#include "vcluster/model/kept_calls.hpp"

#include "core/hex.hpp"

#include <nlohmann/json.hpp>

namespace csim::model {

Json exec_json(const ExecSpec& spec) {
    return {{"command", spec.command},          {"env", spec.environment}, {"folder", spec.folder},
            {"input", base64_text(spec.input)}, {"user", spec.user},       {"merged", spec.merged},
            {"detached", spec.detached}};
}

ExecSpec exec_of(const Json& json) {
    ExecSpec spec;
    spec.command = json.at("command").get<std::vector<std::string>>();
    spec.environment = json.at("env").get<std::map<std::string, std::string>>();
    spec.folder = json.at("folder").get<std::string>();
    spec.input = parse_base64(json.at("input").get<std::string>()).value();
    spec.user = json.at("user").get<std::string>();
    spec.merged = json.at("merged").get<bool>();
    spec.detached = json.at("detached").get<bool>();
    return spec;
}

Json file_json(const NodeFile& file) {
    return {
        {"type", static_cast<int>(file.type)},
        {"content", base64_text(file.content)},
        {"mode", file.mode},
        {"uid", file.uid},
        {"gid", file.gid}};
}

NodeFile file_of(const Json& json) {
    NodeFile file;
    file.type = static_cast<NodeFile::Type>(json.at("type").get<int>());
    file.content = parse_base64(json.at("content").get<std::string>()).value();
    file.mode = json.at("mode").get<unsigned>();
    file.uid = json.at("uid").get<std::uint32_t>();
    file.gid = json.at("gid").get<std::uint32_t>();
    return file;
}

}  // namespace csim::model
