// The store of closed worlds and of tests: the same views as a folder's, and nothing to wait for.
#include "state/contents.hpp"
#include "state/state_store.hpp"

#include <nlohmann/json.hpp>

namespace csim {

namespace {

class MemoryStore final : public StateStore {
  public:
    std::vector<std::string> documents(std::string_view prefix) const override {
        return contents_.documents(prefix);
    }
    std::optional<Json> load(const EntryName& name) const override { return contents_.load(name); }
    std::vector<std::pair<std::string, Json>> load_section(
        const std::string& document, const std::string& section
    ) const override {
        return contents_.load_section(document, section);
    }
    void put(const EntryName& name, const Json& value) override { contents_.apply(put_change(name, value)); }
    void erase(const EntryName& name) override { contents_.apply({name, nullptr}); }
    void commit(UniqueFunction<void()> on_durable) override {
        if (on_durable) on_durable();
    }
    void flush() override {}

  private:
    Contents contents_;
};

}  // namespace

std::unique_ptr<StateStore> memory_store() {
    return std::make_unique<MemoryStore>();
}

}  // namespace csim
