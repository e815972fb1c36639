#include "benchmark/connections/peers.hpp"

#include "benchmark/connections/process.hpp"

#include <cstdlib>
#include <sstream>
#include <vector>

namespace csim {
namespace {

// The number right before or right after a word.
double number_before(const std::string& text, const std::string& word) {
    const auto at = text.find(word);
    if (at == std::string::npos) return 0;
    auto begin = text.find_last_not_of("0123456789.", at - 2);
    begin = begin == std::string::npos ? 0 : begin + 1;
    return std::atof(text.c_str() + begin);
}

double number_after(const std::string& text, const std::string& word) {
    const auto at = text.find(word);
    return at == std::string::npos ? 0 : std::atof(text.c_str() + at + word.size());
}

std::optional<PeerRun> run(const std::string& command, std::string& output) {
    std::vector<std::string> words;
    std::istringstream split(command);
    for (std::string word; split >> word;) words.push_back(word);
    if (!program_exists(words.front())) return std::nullopt;
    PeerRun result;
    result.command = command;
    ChildProcess child(words);
    output = child.rest(&result.cpu_seconds);
    return result;
}

std::string address(std::uint16_t port) {
    return "127.0.0.1:" + std::to_string(port);
}

}  // namespace

std::optional<PeerRun> run_h2load(std::uint16_t port, std::size_t requests) {
    std::string output;
    auto result =
        run("h2load --h1 -t1 -c64 -n" + std::to_string(requests) + " https://" + address(port) +
                "/agent/message/?n=1",
            output);
    if (!result) return result;
    result->per_second = number_before(output, "req/s");
    result->count = static_cast<double>(requests);
    return result->per_second > 0 ? result : std::nullopt;
}

std::optional<PeerRun> run_wrk(std::uint16_t port, int seconds) {
    std::string output;
    auto result = run(
        "wrk -t1 -c64 -d" + std::to_string(seconds) + "s https://" + address(port) + "/agent/message/?n=1",
        output
    );
    if (!result) return result;
    result->per_second = number_after(output, "Requests/sec:");
    result->count = number_before(output, "requests in");
    return result->per_second > 0 ? result : std::nullopt;
}

std::optional<PeerRun> run_s_time(std::uint16_t port, const std::string& folder, int seconds) {
    std::string output;
    auto result =
        run("openssl s_time -connect " + address(port) + " -new -time " + std::to_string(seconds) +
                " -cert " + folder + "/client.crt -key " + folder + "/client.key",
            output);
    if (!result) return result;
    result->count = number_before(output, "connections in");
    result->per_second = result->cpu_seconds > 0 ? result->count / result->cpu_seconds : 0;
    return result->per_second > 0 ? result : std::nullopt;
}

}  // namespace csim
