#include "tests/support/proofs.hpp"

#include "tests/support/source_files.hpp"

#include <algorithm>
#include <fstream>
#include <regex>
#include <sstream>

namespace csim {
namespace {

struct TableName {
    const char* kind;
    const char* file;
    const char* title;
};

constexpr TableName table_names[] = {
    {"invariant", "invariants", "What is always true"},
    {"action", "actions", "Actions of agents"},
    {"method", "methods", "Operations of the control port"},
    {"connection", "connections", "Masses of connections"},
    {"defect", "defects", "Defects of the original that must not come back"},
    {"vcluster", "vclusters", "Virtual clusters"},
    {"container", "containers", "Container hosts and environments"},
};

std::vector<ProofRow> read_rows(const std::string& file) {
    std::ifstream in(CSIM_SOURCE_DIR "/tests/conformance/rows/" + file + ".txt");
    std::vector<ProofRow> rows;
    for (std::string line; std::getline(in, line);) {
        if (line.empty() || line.starts_with('#')) continue;
        const auto bar = line.find(" | ");
        if (bar == std::string::npos) {
            rows.push_back({line, ""});
        } else {
            const auto waits = line.find(" | waits for ");
            rows.push_back({line.substr(0, bar), line.substr(bar + 3, waits - bar - 3)});
            if (waits != std::string::npos) rows.back().waits_for = line.substr(waits + 13);
        }
    }
    return rows;
}

std::vector<std::string> split(const std::string& text, char at) {
    std::vector<std::string> parts;
    std::istringstream in(text);
    for (std::string part; std::getline(in, part, at);) {
        const auto first = part.find_first_not_of(' ');
        if (first == std::string::npos) continue;
        parts.push_back(part.substr(first, part.find_last_not_of(' ') + 1 - first));
    }
    return parts;
}

/// `73-75` as three ids, anything else as itself.
void add_ids(ProvingTest& test, const std::string& kind, const std::string& text) {
    static const std::regex range(R"((\d+)-(\d+))");
    std::smatch ends;
    if (!std::regex_match(text, ends, range)) return test.proves.emplace_back(kind, text), void();
    for (int id = std::stoi(ends[1]); id <= std::stoi(ends[2]); ++id)
        test.proves.emplace_back(kind, std::to_string(id));
}

/// False when the text is not of the form `kind id, id; kind id.`
bool add_proofs(ProvingTest& test, std::string text) {
    if (text.ends_with('.')) text.pop_back();
    for (const std::string& group : split(text, ';')) {
        const auto blank = group.find(' ');
        if (blank == std::string::npos) return false;
        const std::string kind = group.substr(0, blank);
        const bool known =
            std::ranges::any_of(table_names, [&](const auto& name) { return kind == name.kind; });
        if (!known) return false;
        for (const std::string& id : split(group.substr(blank + 1), ',')) add_ids(test, kind, id);
    }
    return true;
}

/// The name of the test case that begins in this line, perhaps in the next two; empty if none does.
std::string test_name(const SourceFile& file, std::size_t line) {
    if (!file.lines[line].starts_with("TEST_CASE")) return "";
    std::string text = file.lines[line];
    for (std::size_t i = line + 1; i < std::min(line + 3, file.lines.size()); ++i) text += file.lines[i];
    static const std::regex name(R"re("((?:[^"\\]|\\.)*)")re");
    std::smatch found;
    return std::regex_search(text, found, name) ? found[1].str() : "";
}

void read_tests(const SourceFile& file, std::vector<ProvingTest>& tests, std::vector<std::string>& mistakes) {
    static const std::string sign = "// Proves: ";
    ProvingTest test;
    for (std::size_t i = 0; i < file.lines.size(); ++i) {
        const std::string& line = file.lines[i];
        const std::string at = file.path + ":" + std::to_string(i + 1);
        if (line.starts_with(sign)) {
            if (!add_proofs(test, line.substr(sign.size())))
                mistakes.push_back(at + ": not understood: " + line);
            continue;
        }
        if (test.proves.empty() || line.starts_with("//")) continue;
        test.file = file.path;
        test.name = test_name(file, i);
        if (test.name.empty()) mistakes.push_back(at + ": rows are named above what is no test case");
        tests.push_back(std::exchange(test, {}));
    }
}

std::string tests_of(const std::string& kind, const std::string& id, const std::vector<ProvingTest>& tests) {
    std::string text;
    for (const ProvingTest& test : tests) {
        if (!std::ranges::count(test.proves, std::pair(kind, id))) continue;
        text += (text.empty() ? "" : "<br>") + test.name + " (`" + test.file.substr(6) + "`)";
    }
    return text;
}

constexpr const char* preface = R"(# What is proven, and by which test

Made by `./dev conformance` from the rows in `tests/conformance/rows/` and from the comments `Proves:` above the test
cases. The tests fail when a row has no test, when a test names a row that does not exist, and when this page is old.
)";

}  // namespace

std::vector<ProofTable> proof_tables() {
    std::vector<ProofTable> tables;
    for (const TableName& name : table_names) tables.push_back({name.kind, name.title, read_rows(name.file)});
    return tables;
}

std::vector<ProofRow> proof_rows(const std::string& kind) {
    for (ProofTable& table : proof_tables()) {
        if (table.kind == kind) return std::move(table.rows);
    }
    return {};
}

std::vector<ProvingTest> proving_tests(std::vector<std::string>& mistakes) {
    std::vector<ProvingTest> tests;
    for (const SourceFile& file : source_files({"_test.cpp"})) {
        if (file.folder == "tests") read_tests(file, tests, mistakes);
    }
    return tests;
}

std::string conformance_page(const std::vector<ProofTable>& tables, const std::vector<ProvingTest>& tests) {
    std::string page = preface;
    for (const ProofTable& table : tables) {
        page += "\n## " + table.title + "\n\n| " + table.kind +
                " | what holds | proven by |\n| --- | --- | --- |\n";
        for (const ProofRow& row : table.rows) {
            std::string proof = tests_of(table.kind, row.id, tests);
            if (proof.empty() && !row.waits_for.empty()) proof = "not yet: waits for " + row.waits_for;
            page += "| " + row.id + " | " + row.sentence + " | " + proof + " |\n";
        }
    }
    return page;
}

}  // namespace csim
