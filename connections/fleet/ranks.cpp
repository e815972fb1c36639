#include "connections/fleet/ranks.hpp"

#include "net/socket.hpp"

#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <poll.h>
#include <time.h>
#include <unistd.h>

namespace csim::connections {
namespace {

constexpr std::uint16_t port_low = 21'000;
constexpr unsigned port_count = 8'000;  // below the range that connections take their own ports from

using Get = std::function<const char*(const char*)>;

std::string text(const Get& get, const char* name) {
    const char* value = get(name);
    return value == nullptr ? "" : value;
}

std::optional<int> number(const std::string& digits) {
    int value = 0;
    const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
    if (digits.empty() || error != std::errc() || end != digits.data() + digits.size()) return {};
    return value;
}

/// `node[3-5,9]` and `a,b` begin with `node3` and `a`.
std::string first_of_list(const std::string& list) {
    const std::size_t bracket = list.find('['), comma = list.find(',');
    if (bracket == std::string::npos || comma < bracket) return list.substr(0, comma);
    const std::size_t end = list.find_first_of(",-]", bracket + 1);
    return list.substr(0, bracket) + list.substr(bracket + 1, end - bracket - 1);
}

std::uint16_t port_of(const std::string& job) {
    std::uint32_t hash = 2166136261u;
    for (const char c : job) hash = (hash ^ static_cast<unsigned char>(c)) * 16777619u;
    return static_cast<std::uint16_t>(port_low + hash % port_count);
}

struct Launcher {
    const char *rank, *size;
    const char* job[3];
};
constexpr Launcher launchers[] = {
    {"CSIM_RANK", "CSIM_RANKS", {"CSIM_JOB", nullptr, nullptr}},
    {"OMPI_COMM_WORLD_RANK", "OMPI_COMM_WORLD_SIZE", {"PMIX_NAMESPACE", "OMPI_MCA_ess_base_jobid", nullptr}},
    {"SLURM_PROCID", "SLURM_STEP_NUM_TASKS", {"SLURM_JOB_ID", "SLURM_STEP_ID", nullptr}},
};

/// Where rank 0 is, as far as the launcher tells; empty when it does not.
std::string first_host(const Get& get, int size) {
    if (const std::string nodes = text(get, "SLURM_STEP_NODELIST"); !nodes.empty()) {
        const bool here = text(get, "SLURM_STEP_NUM_NODES") == "1";
        return here ? "127.0.0.1" : first_of_list(nodes);
    }
    if (number(text(get, "OMPI_COMM_WORLD_LOCAL_SIZE")) == size) return "127.0.0.1";
    return text(get, "CSIM_RANK").empty() ? "" : "127.0.0.1";
}

/// Not a wait for an event: rank 0 may not listen yet, and nothing tells when it does.
void wait_a_little() {
    poll(nullptr, 0, 50);
}

std::int64_t seconds_now() {
    timespec at{};
    clock_gettime(CLOCK_MONOTONIC, &at);
    return at.tv_sec;
}

bool connected(int fd) {
    pollfd waiting{fd, POLLOUT, 0};
    return poll(&waiting, 1, 2000) == 1 && connect_result(fd) == 0;
}

std::string greeting(const RankPlace& place) {
    return std::string(CSIM_VERSION) + " " + place.job + " " + std::to_string(place.rank) + " " +
           std::to_string(place.size);
}

/// The rank that a newcomer says it is; below zero: it is none of ours.
int rank_of(const std::string& words, const RankPlace& first) {
    const std::size_t size_at = words.rfind(' ');
    const std::size_t rank_at = words.rfind(' ', size_at - 1);
    if (size_at == std::string::npos || rank_at == std::string::npos) return -1;
    const auto rank = number(words.substr(rank_at + 1, size_at - rank_at - 1));
    RankPlace expected = first;
    expected.rank = rank.value_or(-1);
    return expected.rank > 0 && expected.rank < first.size && words == greeting(expected) ? expected.rank
                                                                                          : -1;
}

}  // namespace

Result<RankPlace> rank_place(const Get& get, const std::string& rank0) {
    RankPlace made;
    for (const Launcher& each : launchers) {
        const auto rank = number(text(get, each.rank)), size = number(text(get, each.size));
        if (!rank || !size) continue;
        if (*size < 1 || *rank < 0 || *rank >= *size)
            return Error{
                Errc::bad_argument, std::string(each.rank) + " and " + each.size + " do not fit together"};
        made.rank = *rank;
        made.size = *size;
        for (const char* name : each.job)
            if (name != nullptr) made.job += (made.job.empty() ? "" : ".") + text(get, name);
        break;
    }
    if (!made.several()) return made;
    made.port = port_of(made.job);
    std::string host = rank0;
    if (const std::size_t colon = rank0.rfind(':'); colon != std::string::npos) {
        const auto port = number(rank0.substr(colon + 1));
        if (!port || *port < 1 || *port > 65535)
            return Error{Errc::bad_argument, "--rank0 '" + rank0 + "' has no port between 1 and 65535"};
        made.port = static_cast<std::uint16_t>(*port);
        host = rank0.substr(0, colon);
    }
    made.first_host = host.empty() ? first_host(get, made.size) : host;
    if (made.first_host.empty())
        return Error{
            Errc::bad_argument,
            "the ranks are on several machines and the launcher does not tell where rank 0 "
            "is: give --rank0 HOST"};
    return made;
}

std::vector<MessageSocket> gather_ranks(const RankPlace& place, int limit_s) {
    const bool here = place.first_host == "127.0.0.1";
    const int listener = listen_on(here ? "127.0.0.1" : "0.0.0.0", place.port);
    std::vector<MessageSocket> found(static_cast<std::size_t>(place.size)), waiting;
    int missing = place.size - 1;
    for (const std::int64_t end = seconds_now() + limit_s; missing > 0 && seconds_now() < end;) {
        std::vector<pollfd> watched{{listener, POLLIN, 0}};
        for (const MessageSocket& each : waiting) watched.push_back({each.fd(), POLLIN, 0});
        poll(watched.data(), watched.size(), 500);
        if (const int fd = accept4(listener, nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK); fd >= 0)
            waiting.emplace_back(fd);
        for (std::size_t i = 0; i < waiting.size(); ++i) {
            waiting[i].pump();
            const auto message = waiting[i].receive();
            if (!message && !waiting[i].broken()) continue;
            const int rank = message && message->word == Word::hello ? rank_of(message->bytes, place) : -1;
            if (rank > 0 && found[static_cast<std::size_t>(rank)].fd() < 0) {
                found[static_cast<std::size_t>(rank)] = std::move(waiting[i]);
                --missing;
            }
            waiting.erase(waiting.begin() + static_cast<std::ptrdiff_t>(i--));
        }
    }
    ::close(listener);
    if (missing > 0)
        throw Fatal(
            std::to_string(missing) + " of " + std::to_string(place.size) + " ranks did not come to " +
            place.first_host + ":" + std::to_string(place.port) + " within " + std::to_string(limit_s) + " s"
        );
    found.erase(found.begin());
    return found;
}

MessageSocket join_first(const RankPlace& place, int limit_s) {
    for (const std::int64_t end = seconds_now() + limit_s; seconds_now() < end; wait_a_little()) {
        const auto addresses = resolve(place.first_host, place.port);
        if (!addresses) continue;
        const int fd = start_connecting(addresses->front(), "");
        if (fd < 0) continue;
        if (!connected(fd)) {
            ::close(fd);
            continue;
        }
        MessageSocket made(fd);
        made.send(Word::hello, greeting(place));
        return made;
    }
    throw Fatal(
        "rank " + std::to_string(place.rank) + " cannot reach rank 0 at " + place.first_host + ":" +
        std::to_string(place.port)
    );
}

}  // namespace csim::connections
