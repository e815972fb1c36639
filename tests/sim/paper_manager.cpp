#include "tests/sim/paper_manager.hpp"

#include <nlohmann/json.hpp>

namespace csim {
namespace {

HttpReply json_reply(unsigned status, const Json& body) {
    return {status, {{"Content-Type", "application/json"}}, body.dump()};
}

std::size_t number_in(const std::string& query, const std::string& name) {
    const auto at = query.find(name + "=");
    return at == std::string::npos ? 0 : std::stoul(query.substr(at + name.size() + 1));
}

}  // namespace

PaperManager::PaperManager() {
    lists["server_profile"] = {
        {{"name", "base_managed_rh7"}, {"resource_uri", "/api/server_profile/1/"}},
        {{"name", "posix_copytool_worker"}, {"resource_uri", "/api/server_profile/2/"}}};
    server_ = std::make_unique<HttpServer>(
        inbox, HttpServerOptions{},
        [this](const HttpRequest& request, const Peer&, Responder responder) {
            responder.reply(answer(request));
        }
    );
}

PaperManager::~PaperManager() = default;

std::unique_ptr<HttpsClient> PaperManager::client() {
    HttpsClientOptions options;
    options.host = "127.0.0.1";
    options.port = server_->port();
    options.tls = false;
    return std::make_unique<HttpsClient>(inbox, std::move(options));
}

HttpReply PaperManager::answer(const HttpRequest& request) {
    if (request.method != "GET") changes.push_back(request.method + " " + request.target);
    const std::string path = request.target.substr(0, request.target.find('?'));
    const std::string query = request.target.substr(path.size());
    if (!path.starts_with("/api/") || path.find("//") != std::string::npos) return {404, {}, ""};
    const auto end = path.find('/', 5);
    const std::string resource = path.substr(5, end - 5);
    const Json body = request.body.empty() ? Json() : Json::parse(request.body);
    if (resource == "session") {
        if (request.method == "GET") return json_reply(200, Json::object());
        return json_reply(body["password"] == password ? 201 : 403, Json::object());
    }
    if (request.method == "GET") return list(resource, query);
    if (request.method == "POST") return make(resource, body);
    return change(resource, std::stoul(path.substr(end + 1)), body);
}

HttpReply PaperManager::list(const std::string& resource, const std::string& query) {
    const auto& all = lists[resource];
    const std::size_t from = number_in(query, "offset");
    Json objects = Json::array();
    for (std::size_t i = from; i < std::min(all.size(), from + page); ++i)
        objects.push_back(resource == "power_control_device" ? with_outlets(all[i]) : all[i]);
    return json_reply(200, {{"meta", {{"total_count", all.size()}, {"offset", from}}}, {"objects", objects}});
}

HttpReply PaperManager::make(const std::string& resource, Json object) {
    if (resource == "registration_token") {
        tokens_asked.push_back(object);
        return json_reply(201, {{"secret", "token-" + std::to_string(tokens_asked.size())}});
    }
    auto& all = lists[resource];
    const std::string id = std::to_string(all.size() + 1);
    object["resource_uri"] = "/api/" + resource + "/" + id + "/";
    all.push_back(object);
    if (resource != "power_control_device") return json_reply(201, object);
    const auto outlets = lists["power_control_type"].front()["max_outlets"].get<int>();
    for (int i = 1; i <= outlets; ++i) {
        (void)make(
            "power_control_device_outlet",
            {{"device", object["resource_uri"]}, {"identifier", std::to_string(i)}, {"host", nullptr}}
        );
    }
    return json_reply(201, with_outlets(object));
}

HttpReply PaperManager::change(const std::string& resource, std::size_t id, const Json& body) {
    if (refuse_outlets != 0 && resource == "power_control_device_outlet")
        return {refuse_outlets, {}, "{\"host\": [\"no such host\"]}"};
    Json& object = lists[resource].at(id - 1);
    object.update(body);
    return json_reply(202, object);
}

Json PaperManager::with_outlets(Json device) {
    device["outlets"] = Json::array();
    for (const Json& each : lists["power_control_device_outlet"]) {
        if (each["device"] == device["resource_uri"]) device["outlets"].push_back(each);
    }
    return device;
}

}  // namespace csim
