// The named pipe of a copytool, as a test harness of others uses it.
#include "sim/copytool_fifo.hpp"

#include "core/event_loop.hpp"
#include "tests/support/temp_folder.hpp"

#include <doctest/doctest.h>

#include <fcntl.h>
#include <fstream>
#include <sys/stat.h>
#include <unistd.h>
#include <vector>

TEST_SUITE_BEGIN("sim/copytool_fifo");

using namespace csim;

namespace {

struct Pipe {
    TempFolder folder;
    boost::asio::io_context io;
    std::vector<std::string> lines;
    std::filesystem::path path = folder / "events";

    Result<std::unique_ptr<CopytoolFifo>> open() {
        return CopytoolFifo::open(io, path, [this](std::string_view line) { lines.emplace_back(line); });
    }
    /// As a program that opens the pipe, writes and leaves.
    void write(const std::string& text) {
        const int fd = ::open(path.c_str(), O_WRONLY | O_NONBLOCK);
        REQUIRE(fd >= 0);
        CHECK(::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()));
        ::close(fd);
        io.poll();
        io.restart();
    }
};

std::size_t descriptors() {
    std::size_t count = 0;
    for (const auto& each : std::filesystem::directory_iterator("/proc/self/fd"))
        count += !each.path().empty();
    return count;
}

}  // namespace

// Proves: defect 53.
TEST_CASE("a pipe takes lines from one writer after the other, however they are cut") {
    Pipe pipe;
    auto fifo = pipe.open();
    REQUIRE(fifo.has_value());
    pipe.write("{\"a\": 1}\n{\"b\"");
    pipe.write(": 2}\n\n");
    pipe.write("{\"c\": 3}\n");
    CHECK(pipe.lines == std::vector<std::string>{"{\"a\": 1}", "{\"b\": 2}", "{\"c\": 3}"});
}

// Proves: defect 53.
TEST_CASE("a pipe has one reader, and is gone with its descriptor when that ends") {
    Pipe pipe;
    REQUIRE(pipe.open().has_value());
    pipe.io.poll();
    const std::size_t before = descriptors();
    {
        auto fifo = pipe.open();
        REQUIRE(fifo.has_value());
        const auto second = pipe.open();
        REQUIRE(second.has_error());
        CHECK(second.error().detail.find("another program reads it") != std::string::npos);
        CHECK(std::filesystem::exists(pipe.path));
    }
    pipe.io.poll();
    CHECK(descriptors() == before);
    CHECK_FALSE(std::filesystem::exists(pipe.path));
    for (int i = 0; i < 50; ++i) REQUIRE(pipe.open().has_value());
    CHECK(descriptors() == before);
}

// Proves: defect 53.
TEST_CASE("what is no pipe is refused and a pipe that lies there is taken") {
    Pipe pipe;
    std::ofstream(pipe.path) << "precious";
    CHECK(pipe.open().error().detail.find("no named pipe") != std::string::npos);
    CHECK(std::filesystem::file_size(pipe.path) == 8);
    std::filesystem::remove(pipe.path);
    REQUIRE(::mkfifo(pipe.path.c_str(), 0600) == 0);
    CHECK(pipe.open().has_value());
    pipe.path = pipe.folder / "nowhere/events";
    CHECK(pipe.open().has_error());
}
