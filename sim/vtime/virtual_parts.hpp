// What stands in for threads, keys and disks where nothing leaves the process.
#pragma once

#include "agent_proto/key_maker.hpp"
#include "core/event_loop.hpp"
#include "core/timeline.hpp"
#include "sim/vtime/text_packer.hpp"
#include "state/contents.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace csim {

/// The world's thread, for what would come from other threads.
class TimelineInbox final : public Inbox {
  public:
    explicit TimelineInbox(Timeline& timeline) : timeline_(timeline) {}
    void post(UniqueFunction<void()> work) override { timeline_.after(Duration(0), std::move(work)); }

  private:
    Timeline& timeline_;
};

/// Names instead of keys, for a PlainSigner. Takes a little time, as real keys do.
class PlainIdentities final : public IdentitySource {
  public:
    explicit PlainIdentities(Timeline& timeline) : timeline_(timeline) {}
    void make(std::string fqdn, KeyKind kind, Done done) override;
    Result<std::string> make_request(const std::string& fqdn, const std::string& key_pem) override;

  private:
    Timeline& timeline_;
    std::uint64_t made_ = 0;
};

/// A memory store that can run out of space: from then on nothing is acknowledged, and what was not on disk
/// before is gone when its process has ended.
class VirtualDisk final : public StateStore {
  public:
    void set_full(bool full) { full_ = full; }
    bool full() const { return full_; }
    /// Something could not be written since the last roll_back().
    bool failed() const { return failed_; }
    /// Forgets what was never acknowledged.
    void roll_back();
    /// Over the names and contents of all documents.
    std::uint64_t digest() const;

    std::vector<std::string> documents(std::string_view prefix) const override;
    std::optional<Json> load(const EntryName& name) const override;
    std::vector<std::pair<std::string, Json>> load_section(
        const std::string& document, const std::string& section
    ) const override;
    void put(const EntryName& name, const Json& value) override;
    void erase(const EntryName& name) override;
    void commit(UniqueFunction<void()> on_durable) override;
    void flush() override {}

  private:
    void remember(const EntryName& name);
    void apply(const Change& change);
    /// The text of a document that was put as a whole; null if there is none.
    Text whole(const std::string& document) const;

    /// Documents of one kind are alike; the first of each is what the others are packed against.
    struct Packed {
        const TextPacker* packer = nullptr;
        std::string text;
    };
    std::map<std::string, std::unique_ptr<TextPacker>> packers_;  ///< by kind
    std::map<std::string, Packed> whole_;
    Contents contents_;                 ///< documents that are kept by entries, and texts
    std::map<EntryName, Text> before_;  ///< of what is not acknowledged
    bool full_ = false;
    bool failed_ = false;
};

}  // namespace csim
