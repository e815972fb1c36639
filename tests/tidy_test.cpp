// House rules that no compiler checks. Each row is a rule; a failure names file and line.
#include "tests/support/source_files.hpp"

#include <doctest/doctest.h>

#include <algorithm>
#include <regex>
#include <set>

TEST_SUITE_BEGIN("tidy");

using namespace csim;

namespace {

constexpr std::size_t line_max = 110;
constexpr std::size_t file_max = 300;

const std::vector<SourceFile>& code() {
    static const std::vector<SourceFile> files = source_files({".hpp", ".cpp"});
    return files;
}

/// This file spells out what it forbids.
bool is_rules(const SourceFile& file) {
    return file.path == "tests/tidy_test.cpp";
}

/// Columns of UTF-8 text: every byte but continuations.
std::size_t columns(const std::string& line) {
    return std::size_t(std::count_if(line.begin(), line.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

bool in(const SourceFile& file, std::initializer_list<const char*> places) {
    return std::any_of(places.begin(), places.end(), [&](const std::string& place) {
        return file.path.starts_with(place);
    });
}

struct Ban {
    const char* pattern;
    std::string reason;
    bool (*applies)(const SourceFile&);
};

const Ban bans[] = {
    {R"(\b(FIXME|TODO|XXX)\b)", "what is left to do belongs in an issue",
     [](const SourceFile&) { return true; }},
    {R"(this_thread::sleep|\busleep\(|\bnanosleep\()", "waiting is scheduled on the timeline",
     [](const SourceFile&) { return true; }},
    {R"(\bstd::(cout|cerr|clog)\b|\bf?printf\(|\bputs\()", "only programs print",
     [](const SourceFile& file) {
         return in(file, {"fakes/", "wire/", "state/", "agent_proto/", "manager/", "net/"});
     }},
    {R"(\b(system_clock|steady_clock|high_resolution_clock)\b)", "time is asked of a Timeline",
     [](const SourceFile& file) {
         return !in(file, {"core/event_loop", "benchmark/", "net/", "tests/net/", "tests/benchmark/"});
     }},
    {R"(\brandom_device\b|\bs?rand\()", "chance comes from a named Rng stream",
     [](const SourceFile&) { return true; }},
    {R"(\bunordered_)", "order is observable here",
     [](const SourceFile& file) {
         return in(file, {"fakes/", "sim/", "state/", "wire/"});
     }},
    {R"(#include <(boost/asio|boost/beast|thread|sys/socket|core/event_loop))",
     "fakes know no sockets and threads", [](const SourceFile& file) { return in(file, {"fakes/"}); }},
};

// What GCC 12 compiles into a double free: braces and lambdas in the statement of a co_await.
const char* const co_await_bans[] = {
    R"(co_await[^;]*[(,]\s*(?:[\w:]+(?:<[^;>]*>)?\s*)?\{)",
    R"(co_await[^;]*[(,]\s*\[)",
    R"(co_await\s*\[)",
};

}  // namespace

/// Follows raw strings over lines: what is in them is text of another format, with lines of its own.
class RawStrings {
  public:
    /// Whether this line is, at least in part, in one.
    bool touches(const std::string& line) {
        const bool inside = !closing_.empty();
        std::smatch opening;
        static const std::regex pattern(R"re(R"(\w*)\()re");
        if (!inside && std::regex_search(line, opening, pattern)) closing_ = ")" + opening[1].str() + "\"";
        const bool touched = !closing_.empty();
        const std::size_t from = inside ? 0 : opening.empty() ? line.size() : opening.position(0) + 1;
        if (touched && line.find(closing_, from) != std::string::npos) closing_.clear();
        return touched;
    }

  private:
    std::string closing_;
};

TEST_CASE("lines and files are short enough to read") {
    for (const SourceFile& file : code()) {
        if (file.lines.size() > file_max) FAIL_CHECK(file.path << ": " << file.lines.size() << " lines");
        RawStrings raw;
        for (std::size_t i = 0; i < file.lines.size(); ++i)
            if (!raw.touches(file.lines[i]) && columns(file.lines[i]) > line_max)
                FAIL_CHECK(file.path << ":" << i + 1 << ": " << columns(file.lines[i]) << " columns");
    }
}

// Proves: defect 70.
TEST_CASE("nothing that was ruled out comes back") {
    for (const Ban& ban : bans) {
        const std::regex pattern(ban.pattern);
        for (const SourceFile& file : code()) {
            if (is_rules(file) || !ban.applies(file)) continue;
            for (std::size_t i = 0; i < file.lines.size(); ++i)
                if (std::regex_search(file.lines[i], pattern))
                    FAIL_CHECK(file.path << ":" << i + 1 << ": " << ban.reason << ": " << file.lines[i]);
        }
    }
}

TEST_CASE("no statement with co_await holds braces or lambdas") {
    for (const SourceFile& file : code()) {
        const std::string text = file.text();
        if (is_rules(file) || text.find("co_await") == std::string::npos) continue;
        for (const char* pattern : co_await_bans)
            if (std::regex_search(text, std::regex(pattern)))
                FAIL_CHECK(file.path << ": name the argument first, then co_await: " << std::string(pattern));
    }
}

TEST_CASE("every source file is built by some target") {
    std::set<std::string> built;
    const std::regex word(R"([\w./-]+\.cpp)");
    for (const SourceFile& list : source_files({"CMakeLists.txt", ".cmake"})) {
        const std::string folder = list.path.substr(0, list.path.rfind('/') + 1);
        const std::string text = list.text();
        for (auto found = std::sregex_iterator(text.begin(), text.end(), word);
             found != std::sregex_iterator(); ++found)
            built.insert(found->str().substr(found->str().rfind('/') + 1));
    }
    for (const SourceFile& file : code()) {
        if (!file.path.ends_with(".cpp")) continue;
        const std::string name = file.path.substr(file.path.rfind('/') + 1);
        if (!built.contains(name)) FAIL_CHECK(file.path << ": listed in no CMakeLists.txt");
    }
}

TEST_SUITE_END();
