#include "state/migration.hpp"

#include "state/staging_store.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cassert>

namespace csim {

namespace {

class MigratingStore final : public StagingStore {
  public:
    using StagingStore::StagingStore;
    using StagingStore::take_contents;
    using StagingStore::take_staged;
    void commit(UniqueFunction<void()>) override { assert(false && "a migration is committed as a whole"); }
    void flush() override { assert(false && "a migration is committed as a whole"); }
};

const Migration& row_from(int version, const Schema& schema, const std::filesystem::path& folder) {
    const auto& rows = schema.migrations;
    const auto row =
        std::find_if(rows.begin(), rows.end(), [&](auto& r) { return r.from_version == version; });
    if (row != rows.end()) return *row;
    throw Fatal(
        "state folder " + folder.string() + ": it has version " + std::to_string(version) +
        ", which this program cannot bring up to version " + std::to_string(schema.version) +
        "; open it once with a program between the two"
    );
}

}  // namespace

JournalEntry migrate(
    Contents& contents, int version, const Schema& schema, const std::filesystem::path& folder
) {
    MigratingStore store(std::move(contents));
    for (; version < schema.version; ++version) row_from(version, schema, folder).upgrade(store);
    contents = store.take_contents();
    return {store.take_staged(), version};
}

}  // namespace csim
