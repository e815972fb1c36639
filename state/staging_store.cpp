#include "state/staging_store.hpp"

#include <nlohmann/json.hpp>

namespace csim {

namespace {

class MemoryStore final : public StagingStore {
  public:
    MemoryStore() : StagingStore({}, false) {}
    void commit(UniqueFunction<void()> on_durable) override {
        if (on_durable) on_durable();
    }
    void flush() override {}
};

}  // namespace

std::optional<Json> StagingStore::load(const EntryName& name) const {
    return contents_.load(name);
}

void StagingStore::stage(Change change) {
    contents_.apply(change);
    if (lists_changes_) staged_.push_back(std::move(change));
}

std::unique_ptr<StateStore> memory_store() {
    return std::make_unique<MemoryStore>();
}

}  // namespace csim
