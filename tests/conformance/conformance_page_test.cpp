// Every row of the specification's tables has a test that names it, and docs/conformance.md says which.
#include "tests/support/proofs.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <fstream>
#include <iterator>
#include <set>

TEST_SUITE_BEGIN("conformance/page");

using namespace csim;

namespace {

using RowId = std::pair<std::string, std::string>;

std::set<RowId> all_rows(const std::vector<ProofTable>& tables) {
    std::set<RowId> ids;
    for (const ProofTable& table : tables) {
        for (const ProofRow& row : table.rows) ids.emplace(table.kind, row.id);
    }
    return ids;
}

}  // namespace

TEST_CASE("rows are unique and complete and say something") {
    const std::map<std::string, std::size_t> counts = {{"invariant", 30}, {"defect", 99}};
    for (const ProofTable& table : proof_tables()) {
        CAPTURE(table.kind);
        CHECK(table.rows.size() > 20);
        if (counts.contains(table.kind)) CHECK(table.rows.size() == counts.at(table.kind));
        std::set<std::string> ids;
        for (const ProofRow& row : table.rows) {
            CAPTURE(row.id);
            CHECK(ids.insert(row.id).second);
            CHECK(row.sentence.size() > 3);
        }
    }
}

TEST_CASE("every row is proven by a test and every test names rows that exist") {
    std::vector<std::string> mistakes;
    const auto tests = proving_tests(mistakes);
    for (const std::string& each : mistakes) FAIL_CHECK(each);
    const auto tables = proof_tables();
    const std::set<RowId> known = all_rows(tables);
    std::set<RowId> proven;
    for (const ProvingTest& test : tests) {
        for (const RowId& row : test.proves) {
            proven.insert(row);
            if (!known.contains(row))
                FAIL_CHECK(
                    test.file << ": '" << test.name << "' names " << row.first << " " << row.second
                              << ", which is no row"
                );
        }
    }
    for (const ProofTable& table : tables) {
        for (const ProofRow& row : table.rows) {
            if (row.waits_for.empty() && !proven.contains({table.kind, row.id}))
                FAIL_CHECK("no test names " << table.kind << " " << row.id << ": " << row.sentence);
        }
    }
}

TEST_CASE("the page about conformance is what the rows and the tests say") {
    const std::string path = CSIM_SOURCE_DIR "/docs/conformance.md";
    std::vector<std::string> mistakes;
    const std::string wanted = conformance_page(proof_tables(), proving_tests(mistakes));
    if (std::getenv("CSIM_UPDATE_GOLDEN") != nullptr) std::ofstream(path) << wanted;
    std::ifstream in(path);
    const std::string page{std::istreambuf_iterator<char>(in), {}};
    CHECK_MESSAGE(page == wanted, "make it anew with './dev conformance'");
}

TEST_SUITE_END();
