#include "benchmark/connections/process.hpp"
#include "benchmark/connections/roles.hpp"
#include "benchmark/connections/throwaway_authority.hpp"
#include "core/work_queue.hpp"
#include "net/https_client.hpp"

#include <condition_variable>
#include <deque>
#include <fstream>
#include <iostream>
#include <mutex>
#include <unistd.h>
#include <vector>

namespace csim {
namespace {

using Clock = std::chrono::steady_clock;

struct Fleet {
    explicit Fleet(HttpsClientOptions options) : client(inbox, std::move(options)) {}

    void send(HttpsClient::LaneId lane, UniqueFunction<void()> then) {
        HttpRequest request{"GET", "/agent/message/?n=1", {{"Accept", "*/*"}}, ""};
        client.send(
            lane, std::move(request), std::chrono::minutes(5),
            [this, then = std::move(then)](auto reply) mutable {
                if (!reply || reply->status != 200) {
                    std::cout << "failed " << (reply ? "status" : reply.error().detail) << std::endl;
                    std::exit(1);
                }
                ++done;
                then();
            }
        );
    }
    void wait_for(std::size_t count) {
        while (done < count) inbox.run_batch();
    }

    WorkQueue inbox;
    HttpsClient client;
    std::size_t done = 0;
};

HttpsClientOptions options_for(std::uint16_t port) {
    HttpsClientOptions options;
    options.host = "127.0.0.1";
    options.port = port;
    return options;
}

// Identities made beforehand, so that making them is not in the figures.
std::vector<ThrowawayPair> read_pairs(const std::string& folder) {
    std::ifstream file(folder + "/clients.txt");
    std::vector<ThrowawayPair> pairs;
    for (std::string key, certificate;
         std::getline(file, key, '\f') && std::getline(file, certificate, '\f');)
        pairs.push_back({key, certificate});
    return pairs;
}

void keep_asking(Fleet& fleet, HttpsClient::LaneId lane, std::size_t& left) {
    if (left == 0) return;
    --left;
    fleet.send(lane, [&fleet, lane, &left] { keep_asking(fleet, lane, left); });
}

}  // namespace

int measure_memory(
    const std::string& folder, std::uint16_t port, std::size_t lanes_per_identity, bool hibernate
) {
    constexpr std::size_t few = 1000, many = 9000;
    auto options = options_for(port);
    options.hibernate = hibernate;
    Fleet fleet(std::move(options));
    std::ifstream file(folder + "/clients.txt");
    std::size_t opened = 0;
    std::size_t at_few = 0;
    while (opened < many) {
        std::string key, certificate;
        if (!std::getline(file, key, '\f') || !std::getline(file, certificate, '\f')) return 1;
        const auto identity = parse_identity(key, certificate);
        if (!identity) return 1;
        for (std::size_t i = 0; i < lanes_per_identity; ++i, ++opened) {
            fleet.send(fleet.client.open_lane(*identity), [] {});
            fleet.wait_for(opened + 1);
        }
        if (at_few == 0 && opened >= few) at_few = cost_of(::getpid()).resident_bytes;
    }
    const double slope = static_cast<double>(cost_of(::getpid()).resident_bytes - at_few) / (many - few);
    std::cout << "bytes_per_connection " << slope << "\nopen " << fleet.client.stats().open << std::endl;
    std::cin.get();
    return 0;
}

int measure_connects(const std::string& folder, std::uint16_t port, bool resumed) {
    constexpr std::size_t lanes = 64, connects = 3000;
    auto options = options_for(port);
    // A budget below the number of lanes makes each request push another lane's connection out.
    options.keep_alive = resumed;
    if (resumed) options.connections_max = lanes / 2;
    Fleet fleet(std::move(options));
    const auto pairs = read_pairs(folder);
    std::vector<HttpsClient::LaneId> ids;
    for (std::size_t i = 0; i < lanes; ++i)
        ids.push_back(fleet.client.open_lane(*parse_identity(pairs[i].key, pairs[i].certificate)));
    for (const auto lane : ids) fleet.send(lane, [] {});
    fleet.wait_for(lanes);
    const auto before = fleet.client.stats();
    const double cpu = cost_of(::getpid()).cpu_seconds;
    const auto start = Clock::now();
    std::size_t left = connects;
    for (const auto lane : ids) keep_asking(fleet, lane, left);
    fleet.wait_for(lanes + connects);
    const double wall = std::chrono::duration<double>(Clock::now() - start).count();
    const auto after = fleet.client.stats();
    std::cout << "connects " << after.connects - before.connects << "\nresumed "
              << after.resumed - before.resumed << "\nwall " << wall << "\ncpu "
              << cost_of(::getpid()).cpu_seconds - cpu << std::endl;
    return 0;
}

int measure_requests(std::uint16_t port, std::size_t requests, std::size_t lanes) {
    Fleet fleet(options_for(port));
    std::vector<HttpsClient::LaneId> ids;
    for (std::size_t i = 0; i < lanes; ++i) ids.push_back(fleet.client.open_lane(nullptr));
    for (const auto lane : ids) fleet.send(lane, [] {});
    fleet.wait_for(lanes);
    const double cpu = cost_of(::getpid()).cpu_seconds;
    const auto start = Clock::now();
    std::size_t left = requests;
    for (const auto lane : ids) keep_asking(fleet, lane, left);
    fleet.wait_for(lanes + requests);
    const double wall = std::chrono::duration<double>(Clock::now() - start).count();
    std::cout << "requests_per_second " << static_cast<double>(requests) / wall << "\ncpu_us_per_request "
              << 1e6 * (cost_of(::getpid()).cpu_seconds - cpu) / static_cast<double>(requests) << std::endl;
    return 0;
}

}  // namespace csim
