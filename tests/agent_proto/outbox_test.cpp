// Order, batches and callbacks of an outbox.
#include "agent_proto/outbox.hpp"

#include "core/rng.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

TEST_SUITE_BEGIN("agent_proto/outbox");

namespace csim {
namespace {

Message numbered(std::int64_t number, std::size_t bytes = 10) {
    Message message;
    message.fqdn = "oss1.example.com";
    message.plugin = "linux";
    message.session_id = "l-1";
    message.session_seq = number;
    message.body = Body(Json(std::string(bytes, 'x')));
    return message;
}

AgentPost envelope() {
    return {"2023-11-14T22:13:20Z", "2026-11-21T01:28:12.753437+00:00Z", {}};
}

std::vector<std::int64_t> numbers(const Batch& batch) {
    std::vector<std::int64_t> found;
    for (const Message& message : batch.messages) found.push_back(*message.session_seq);
    return found;
}

std::size_t real_bytes(const Batch& batch) {
    AgentPost post = envelope();
    post.messages = batch.messages;
    return encode(post).size();
}

}  // namespace

// Proves: defect 28; invariant I-19.
TEST_CASE("priority comes first and arrival second") {
    Outbox outbox;
    outbox.push(Priority::low, numbered(7));
    for (std::int64_t number = 3; number < 7; ++number) outbox.push(Priority::normal, numbered(number));
    outbox.push(Priority::low, numbered(8));
    for (std::int64_t number = 0; number < 3; ++number) outbox.push(Priority::high, numbered(number));
    CHECK(outbox.size() == 9);
    CHECK(numbers(outbox.take_batch()) == std::vector<std::int64_t>{0, 1, 2, 3, 4, 5, 6, 7, 8});
    CHECK(outbox.empty());
    CHECK(outbox.take_batch().empty());
}

TEST_CASE("a batch is as long as its encoded post and never over the limit") {
    Rng rng(5);
    for (int round = 0; round < 200; ++round) {
        Outbox outbox(encoded_size(envelope()));
        outbox.limit_batches(2000);
        std::vector<std::int64_t> sent;
        for (std::int64_t number = 0; number < 40; ++number) {
            outbox.push(Priority::normal, numbered(number, static_cast<std::size_t>(rng.between(0, 900))));
        }
        while (!outbox.empty()) {
            const Batch batch = outbox.take_batch();
            CHECK(batch.bytes == real_bytes(batch));
            CHECK(batch.bytes <= 2000);
            for (const std::int64_t number : numbers(batch)) sent.push_back(number);
        }
        for (std::int64_t number = 0; number < 40; ++number)
            CHECK(sent[static_cast<std::size_t>(number)] == number);
    }
}

TEST_CASE("a batch may be exactly as long as the limit") {
    Outbox outbox(encoded_size(envelope()));
    const std::size_t two = encoded_size(envelope()) + 2 * encoded_size(numbered(0, 500)) + 1;
    for (const std::size_t limit : {two, two - 1}) {
        outbox.clear();
        outbox.limit_batches(limit);
        outbox.push(Priority::normal, numbered(0, 500));
        outbox.push(Priority::normal, numbered(1, 500));
        CHECK(outbox.take_batch().messages.size() == (limit == two ? 2 : 1));
    }
}

TEST_CASE("a message too long for any post comes alone") {
    Outbox outbox(encoded_size(envelope()));
    outbox.push(Priority::normal, numbered(0));
    outbox.push(Priority::normal, numbered(1, post_bytes_max));
    outbox.push(Priority::normal, numbered(2));
    CHECK(numbers(outbox.take_batch()) == std::vector<std::int64_t>{0});
    const Batch alone = outbox.take_batch();
    CHECK(numbers(alone) == std::vector<std::int64_t>{1});
    CHECK(alone.bytes > post_bytes_max);
    CHECK(numbers(outbox.take_batch()) == std::vector<std::int64_t>{2});
}

TEST_CASE("a callback belongs to the batch that carries its message") {
    Outbox outbox(encoded_size(envelope()));
    outbox.limit_batches(1000);
    std::vector<int> called;
    outbox.push(Priority::normal, numbered(0, 500), [&] { called.push_back(0); });
    outbox.push(Priority::normal, numbered(1, 500), [&] { called.push_back(1); });
    Batch first = outbox.take_batch();
    REQUIRE(first.after_attempt.size() == 1);
    first.after_attempt[0]();
    CHECK(called == std::vector<int>{0});
    Batch second = outbox.take_batch();
    REQUIRE(second.after_attempt.size() == 1);
    second.after_attempt[0]();
    CHECK(called == std::vector<int>{0, 1});
}

TEST_CASE("what waits is overtaken by what is more urgent") {
    Outbox outbox(encoded_size(envelope()));
    outbox.limit_batches(1000);
    outbox.push(Priority::normal, numbered(0, 500));
    outbox.push(Priority::normal, numbered(1, 500));
    outbox.take_batch();
    outbox.push(Priority::high, numbered(9, 10));
    CHECK(numbers(outbox.take_batch()) == std::vector<std::int64_t>{9, 1});
}

}  // namespace csim
