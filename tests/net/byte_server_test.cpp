#include "net/byte_server.hpp"

#include "tests/net/net_fixture.hpp"

#include <doctest/doctest.h>

#include <atomic>
#include <thread>

TEST_SUITE_BEGIN("net/byte_server");

using namespace csim;

namespace {

// Runs everything at once on the server's thread, because raw clients block.
struct DirectInbox final : Inbox {
    void post(UniqueFunction<void()> work) override { work(); }
};

struct Parrot final : ByteSession {
    explicit Parrot(std::atomic<int>& closings) : closings(closings) {}
    void opened(std::shared_ptr<ByteSink> to) override {
        sink = std::move(to);
        sink->write("welcome\r\n");
    }
    void received(std::string_view bytes) override {
        sink->write("you said " + std::string(bytes));
        if (bytes.find("bye") != std::string_view::npos) sink->close();
    }
    void closed() override { ++closings; }

    std::shared_ptr<ByteSink> sink;
    std::atomic<int>& closings;
};

}  // namespace

// Proves: defect 46.
TEST_CASE("a conversation goes both ways and ends after the last word was sent") {
    DirectInbox inbox;
    std::atomic<int> closings = 0;
    ByteServer server(inbox, {}, [&] { return std::make_unique<Parrot>(closings); });
    RawClient client(server.port());
    REQUIRE(client.read_until("welcome\r\n"));
    client.send("hello");
    REQUIRE(client.read_until("you said hello"));
    client.send("bye");
    CHECK(client.read_all() == "welcome\r\nyou said helloyou said bye");
    while (closings == 0) std::this_thread::yield();
    CHECK(closings == 1);
}

// Proves: defect 45.
TEST_CASE("a silent client is hung up on") {
    DirectInbox inbox;
    std::atomic<int> closings = 0;
    ByteServerOptions options;
    options.idle_timeout = 100ms;
    ByteServer server(inbox, options, [&] { return std::make_unique<Parrot>(closings); });
    CHECK(RawClient(server.port()).read_all() == "welcome\r\n");
}

// Proves: defect 45.
TEST_CASE("clients beyond the limit are turned away and those within it stay") {
    DirectInbox inbox;
    std::atomic<int> closings = 0;
    ByteServerOptions options;
    options.connections_max = 1;
    ByteServer server(inbox, options, [&] { return std::make_unique<Parrot>(closings); });
    RawClient first(server.port());
    REQUIRE(first.read_until("welcome"));
    CHECK(RawClient(server.port()).read_all().empty());
    first.send("hello");
    CHECK(first.read_until("you said hello"));
}

TEST_CASE("a sink may outlive its client and its server") {
    DirectInbox inbox;
    std::shared_ptr<ByteSink> sink;
    struct Keeper final : ByteSession {
        explicit Keeper(std::shared_ptr<ByteSink>& out) : out(out) {}
        void opened(std::shared_ptr<ByteSink> to) override { out = std::move(to); }
        void received(std::string_view) override {}
        void closed() override {}
        std::shared_ptr<ByteSink>& out;
    };
    {
        ByteServer server(inbox, {}, [&] { return std::make_unique<Keeper>(sink); });
        RawClient client(server.port());
        client.half_close();
        client.read_all();
    }
    REQUIRE(sink != nullptr);
    sink->write("nobody hears this");
    sink->close();
}
