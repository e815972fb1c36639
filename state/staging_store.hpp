// What all stores share: the world's view of the documents, and the changes staged since the last commit.
#pragma once

#include "state/contents.hpp"
#include "state/state_store.hpp"

#include <nlohmann/json.hpp>

#include <utility>
#include <vector>

namespace csim {

class StagingStore : public StateStore {
  public:
    /// `lists_changes`: whether take_staged() is wanted.
    explicit StagingStore(Contents contents, bool lists_changes = true)
        : contents_(std::move(contents)), lists_changes_(lists_changes) {}

    std::vector<std::string> documents(std::string_view prefix) const override {
        return contents_.documents(prefix);
    }
    std::optional<Json> load(const EntryName& name) const override;
    std::vector<std::pair<std::string, Json>> load_section(
        const std::string& document, const std::string& section
    ) const override {
        return contents_.load_section(document, section);
    }
    void put(const EntryName& name, const Json& value) override { stage(put_change(name, value)); }
    void erase(const EntryName& name) override { stage({name, nullptr}); }

  protected:
    std::vector<Change> take_staged() { return std::exchange(staged_, {}); }
    Contents take_contents() { return std::move(contents_); }

  private:
    void stage(Change change);

    Contents contents_;
    bool lists_changes_;
    std::vector<Change> staged_;
};

}  // namespace csim
