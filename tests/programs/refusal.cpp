#include "tests/programs/refusal.hpp"

#include <doctest/doctest.h>

#include <algorithm>

namespace csim {

void check_refused(const Ended& ended, const Refusal& expected) {
    std::string line;
    for (const std::string& word : expected.words) line += word + " ";
    CAPTURE(line);
    CHECK_MESSAGE(ended.status == expected.status, ended.err);
    const auto sentences = complaints(ended.err);
    CHECK_MESSAGE(sentences.size() == 1, ended.err);
    CHECK_MESSAGE(ended.err.find(expected.says) != std::string::npos, ended.err);
    CHECK(ended.err.find("filesystem error") == std::string::npos);
    CHECK((ended.out.empty() || ended.out.starts_with("ready ")));
}

void check_all(const std::vector<Refusal>& table, const std::filesystem::path& folder) {
    constexpr std::size_t at_once = 8;
    for (std::size_t from = 0; from < table.size(); from += at_once) {
        const std::size_t to = std::min(table.size(), from + at_once);
        std::vector<Program> started;
        for (std::size_t i = from; i < to; ++i) {
            started.emplace_back(Launch{Words{cluster_sim_path()} + table[i].words, {}, folder});
        }
        for (std::size_t i = from; i < to; ++i) check_refused(started[i - from].wait(), table[i]);
    }
}

}  // namespace csim
