#include "benchmark/drive/status_page.hpp"

namespace csim {
namespace {

const Json& at(const Json& json, const char* key) {
    static const Json none;
    if (!json.is_object()) return none;
    const auto found = json.find(key);
    return found == json.end() ? none : *found;
}

double number(const Json& json) {
    return json.is_number() ? json.get<double>() : 0;
}

}  // namespace

std::map<std::string, QueueSample> queues_of(const Json& page) {
    std::map<std::string, QueueSample> found;
    const Json& list = at(at(page, "rabbitmq"), "queues");
    if (!list.is_array()) return found;
    for (const Json& each : list) {
        const Json& name = at(each, "name");
        if (!name.is_string() || !at(each, "messages").is_number()) continue;
        found[name.get<std::string>()] = {
            number(at(each, "messages")), number(at(each, "message_stats_publish_details_rate")),
            number(at(each, "message_stats_ack_details_rate"))};
    }
    return found;
}

double connections_of(const Json& page) {
    const Json& rows = at(at(at(page, "postgres"), "pg_stat_activity"), "rows");
    return rows.is_array() ? static_cast<double>(rows.size()) : 0;
}

StatusPage::StatusPage(HttpsClient& client, std::string base_path)
    : client_(client), target_(base_path + "api/system_status/"), lane_(client.open_lane(nullptr)) {}

StatusPage::~StatusPage() {
    client_.close_lane(lane_);
}

void StatusPage::refresh() {
    if (asking_) return;
    asking_ = true;
    HttpRequest request{"GET", target_, {{"Accept", "application/json"}}, ""};
    if (!cookie_.empty()) request.headers.emplace_back("Cookie", cookie_);
    client_.send(lane_, std::move(request), 10s, [this](Result<HttpReply> reply) {
        asking_ = false;
        if (!reply || reply->status != 200) return;
        const auto page = parse_json(reply->body);
        if (!page) return;
        queues_ = queues_of(*page);
        connections_ = connections_of(*page);
    });
}

}  // namespace csim
