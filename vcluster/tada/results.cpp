#include "vcluster/tada/results.hpp"

#include <algorithm>
#include <set>

namespace csim {
namespace {

std::string kind_of(const TadaRun& run) {
    const char separator = '\x1f';
    return run.suite + separator + run.type + separator + run.name + separator + run.user + separator +
           run.commit;
}

std::int64_t number(const std::string& text) {
    return std::strtoll(text.c_str(), nullptr, 10);
}

}  // namespace

TadaResults::TadaResults(const std::string& path) : database_(path) {
    make_tables();
}

// The order of columns matters: the original maps them by position.
void TadaResults::make_tables() {
    database_.run(
        "CREATE TABLE IF NOT EXISTS TADATest (test_id VARCHAR(64) PRIMARY KEY, test_suite TEXT, test_type "
        "TEXT, test_name TEXT, "
        "test_user TEXT, commit_id TEXT, test_desc TEXT, test_start INTEGER, test_finish INTEGER)"
    );
    database_.run(
        "CREATE TABLE IF NOT EXISTS TADAAssertion (test_id VARCHAR(64), assert_id VARCHAR(64), assert_result "
        "TEXT, assert_cond TEXT, "
        "assert_desc TEXT, PRIMARY KEY (test_id, assert_id))"
    );
}

void TadaResults::purge_all() {
    database_.run("DROP TABLE IF EXISTS TADATest");
    database_.run("DROP TABLE IF EXISTS TADAAssertion");
    make_tables();
}

void TadaResults::begin(const TadaRun& run) {
    database_.run("DELETE FROM TADAAssertion WHERE test_id = ?", {run.id});
    database_.run(
        "INSERT OR REPLACE INTO TADATest VALUES (?, ?, ?, ?, ?, ?, ?, CAST(? AS INTEGER), NULL)",
        {run.id, run.suite, run.type, run.name, run.user, run.commit, run.description,
         std::to_string(run.started)}
    );
}

void TadaResults::store(const std::string& id, const TadaAssertion& assertion) {
    database_.run(
        "INSERT OR REPLACE INTO TADAAssertion VALUES (?, ?, ?, ?, ?)",
        {id, assertion.number, assertion.status, assertion.condition, assertion.description}
    );
}

void TadaResults::finish(const TadaRun& run) {
    database_.run(
        "UPDATE TADATest SET test_finish = CAST(? AS INTEGER) WHERE test_id = ?",
        {std::to_string(run.finished), run.id}
    );
}

std::vector<TadaRun> TadaResults::find(const TadaFilter& filter) {
    std::string where = " WHERE 1";
    std::vector<std::string> values;
    const std::pair<const char*, const std::string&> fields[] = {
        {"test_id", filter.id},     {"test_suite", filter.suite}, {"test_type", filter.type},
        {"test_name", filter.name}, {"test_user", filter.user},   {"commit_id", filter.commit}};
    for (const auto& [column, value] : fields) {
        if (value.empty()) continue;
        where += std::string(" AND ") + column + " = ?";
        values.push_back(value);
    }
    where += " AND test_start >= CAST(? AS INTEGER)";
    values.push_back(std::to_string(filter.since));
    std::vector<TadaRun> runs;
    database_.run(
        "SELECT * FROM TADATest" + where + " ORDER BY test_start DESC, test_id", values,
        [&](const std::vector<std::string>& c) {
            TadaRun run;
            run.id = c[0], run.suite = c[1], run.type = c[2], run.name = c[3], run.user = c[4],
            run.commit = c[5], run.description = c[6];
            run.started = number(c[7]), run.finished = number(c[8]);
            runs.push_back(std::move(run));
        }
    );
    if (filter.latest) {
        std::set<std::string> seen;
        std::erase_if(runs, [&](const TadaRun& run) { return !seen.insert(kind_of(run)).second; });
    }
    std::reverse(runs.begin(), runs.end());
    for (TadaRun& run : runs) {
        database_.run(
            "SELECT * FROM TADAAssertion WHERE test_id = ?", {run.id},
            [&](const std::vector<std::string>& c) {
                if (!filter.only.empty() && c[2] != filter.only) return;
                TadaAssertion assertion;
                assertion.number = c[1], assertion.status = c[2], assertion.condition = c[3],
                assertion.description = c[4];
                run.assertions.push_back(std::move(assertion));
            }
        );
        std::sort(run.assertions.begin(), run.assertions.end(), [](const auto& a, const auto& b) {
            return natural_less(a.number, b.number);
        });
    }
    if (!filter.only.empty()) std::erase_if(runs, [](const TadaRun& run) { return run.assertions.empty(); });
    return runs;
}

std::string TadaResults::last_commit(const std::string& user) {
    std::string commit;
    database_.run(
        "SELECT commit_id FROM TADATest WHERE test_user = ? ORDER BY test_start DESC LIMIT 1", {user},
        [&](const std::vector<std::string>& c) { commit = c[0]; }
    );
    return commit;
}

std::size_t TadaResults::purge_old() {
    TadaFilter all, latest;
    all.latest = false;
    std::set<std::string> keep;
    for (const TadaRun& run : find(latest)) keep.insert(run.id);
    std::size_t purged = 0;
    for (const TadaRun& run : find(all)) {
        if (keep.contains(run.id)) continue;
        database_.run("DELETE FROM TADAAssertion WHERE test_id = ?", {run.id});
        database_.run("DELETE FROM TADATest WHERE test_id = ?", {run.id});
        ++purged;
    }
    return purged;
}

}  // namespace csim
