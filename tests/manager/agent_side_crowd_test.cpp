// Where agents hold every connection, the longest parked poll makes room.
#include "core/utc.hpp"
#include "manager/agent_service.hpp"

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <string>

namespace csim {
namespace {

using namespace std::chrono_literals;

struct Crowd {
    void poll(const std::string& fqdn) {
        service.add_host(fqdn);
        const std::string start = "2026-11-21T00:00:00Z";
        // The first poll is told, after a moment, that no session is left from before.
        service.get(fqdn, {start, start}, [](AgentAnswer<std::vector<Message>>) {});
        pass(200ms);
        service.get(fqdn, {start, start}, [this, fqdn](AgentAnswer<std::vector<Message>> answer) {
            CHECK(answer->empty());
            ended[fqdn] = timeline.now();
        });
    }
    void pass(Duration span) { timeline.run_until(timeline.now() + span); }

    Timeline timeline{SimTime::from_unix_ns(1'795'000'000'000'000'000)};
    std::unique_ptr<StateStore> store = memory_store();
    Documents documents{*store};
    AgentService service{timeline, documents, Rng(1)};
    std::map<std::string, SimTime> ended;
};

}  // namespace

TEST_SUITE_BEGIN("manager/agent_side_crowd");

TEST_CASE_FIXTURE(Crowd, "the poll parked longest ends first, and none before its time") {
    for (const char* name : {"oss1", "oss2", "oss3"}) {
        poll(name);
        pass(2s);
    }
    CHECK(service.stats().parked == 3);
    CHECK(service.end_oldest_poll());
    CHECK(ended.size() == 1);
    CHECK(ended.count("oss1") == 1);
    CHECK_FALSE(service.end_oldest_poll());
    pass(2s);
    CHECK(service.end_oldest_poll());
    CHECK(ended.count("oss2") == 1);
    CHECK(service.stats().parked == 1);
}

TEST_CASE_FIXTURE(Crowd, "nothing parked, nothing ended") {
    CHECK_FALSE(service.end_oldest_poll());
    poll("oss1");
    service.remove_host("oss1");
    pass(10s);
    CHECK_FALSE(service.end_oldest_poll());
}

TEST_SUITE_END();

}  // namespace csim
