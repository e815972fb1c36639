// The manager's `system_status`, asked again and again; one question at a time.
#pragma once

#include "benchmark/measure/interval.hpp"
#include "net/https_client.hpp"

#include <map>
#include <string>

namespace csim {

/// The queues that the page tells of; those without `messages` are left out.
std::map<std::string, QueueSample> queues_of(const Json& page);
/// Rows of `pg_stat_activity`.
double connections_of(const Json& page);

/// Everything on the client's inbox.
class StatusPage {
  public:
    StatusPage(HttpsClient& client, std::string base_path);
    ~StatusPage();
    void set_cookie(std::string field) { cookie_ = std::move(field); }
    /// Asks, unless the last question is still open.
    void refresh();
    const std::map<std::string, QueueSample>& queues() const { return queues_; }
    double connections() const { return connections_; }

  private:
    HttpsClient& client_;
    const std::string target_;
    std::string cookie_;
    const HttpsClient::LaneId lane_;
    bool asking_ = false;
    std::map<std::string, QueueSample> queues_;
    double connections_ = 0;
};

}  // namespace csim
