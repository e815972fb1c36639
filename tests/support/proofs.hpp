// Which test proves which row of the specification's tables. A row is a line `id | sentence` of a file in
// tests/conformance/rows/; a test names rows in the comment right above it:
//
//     // Proves: defect 54, 55, 73-75; invariant I-2; action start_target; method cluster_start.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace csim {

struct ProofRow {
    std::string id;
    std::string sentence;
    /// What has to be built before the row can be proven; empty for most. Written `id | sentence | waits for
    /// …`.
    std::string waits_for = {};
};

/// One table: `kind` is the word that tests use, such as `defect`.
struct ProofTable {
    std::string kind;
    std::string title;
    std::vector<ProofRow> rows;  ///< in the order of their file
};

/// A test case as the sources show it.
struct ProvingTest {
    std::string file;  ///< relative to the top
    std::string name;
    std::vector<std::pair<std::string, std::string>> proves;  ///< kind, id
};

/// Invariants, actions, methods, connections, defects.
std::vector<ProofTable> proof_tables();
/// The rows of one table.
std::vector<ProofRow> proof_rows(const std::string& kind);
/// Every test case below tests/ that names rows, by file and line. `mistakes` takes a line for each comment
/// that cannot be understood or stands above no test.
std::vector<ProvingTest> proving_tests(std::vector<std::string>& mistakes);
/// docs/conformance.md.
std::string conformance_page(const std::vector<ProofTable>& tables, const std::vector<ProvingTest>& tests);

}  // namespace csim
