// Typed values in a StateStore. Changing one through edit() is all it takes to have it saved.
#pragma once

#include "core/json.hpp"
#include "core/unique_function.hpp"
#include "state/state_store.hpp"

#include <cstddef>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace csim {

class AnyDocument;

/// The set of documents changed since the last save. One per world; outlives its documents.
class Documents {
  public:
    explicit Documents(StateStore& store);
    ~Documents();
    Documents(const Documents&) = delete;
    Documents& operator=(const Documents&) = delete;

    /// Stages every changed document in order of name and commits them as one change. Cheap when nothing
    /// changed. With a store that is durable at once, actions run in here; what they change is saved before
    /// this returns.
    void save_all();
    /// Runs `action` on the world's thread once every change made so far, saved or not, is on disk.
    /// It never runs from inside this call. Actions run in order. The next save_all() sets it going.
    void when_durable(UniqueFunction<void()> action);

    /// Saves one value that no Document stands for, with the next save_all(): where there are very many small
    /// entries, an object each would be a waste. The last word about a name counts.
    void put(EntryName name, Json value);
    void erase(EntryName name);

    StateStore& store() { return store_; }

  private:
    friend class AnyDocument;
    void stage();
    struct Loose;

    StateStore& store_;
    bool saving_ = false;
    std::vector<AnyDocument*> changed_;
    std::vector<EntryName> erased_;
    std::unique_ptr<Loose> loose_;  ///< null: nothing
    std::vector<UniqueFunction<void()>> waiting_;
};

/// Book-keeping common to all documents; see Document.
class AnyDocument {
  public:
    AnyDocument(Documents& owner, EntryName name) : owner_(&owner), name_(std::move(name)) {}
    /// Changes not yet saved are forgotten; what was saved stays saved, and an erase() stays an erase.
    virtual ~AnyDocument();
    AnyDocument(const AnyDocument&) = delete;
    AnyDocument& operator=(const AnyDocument&) = delete;

    const EntryName& name() const { return name_; }
    /// The document will be removed by the next save. The value stays readable until the object dies; editing
    /// it changes nothing on disk any more.
    void erase();

  protected:
    void mark_changed();
    virtual Json encode() const = 0;

  private:
    friend class Documents;
    void forget_change();

    Documents* owner_;
    EntryName name_;
    std::size_t changed_at_ = 0;  ///< index in the owner's list, where changed_
    bool changed_ = false;
    bool erased_ = false;
};

/// One described struct on disk. Reading is free; edit() is the only way to change it.
/// Implemented in state/document_of.hpp, which .cpp files that edit documents include.
template <class T>
class Document final : public AnyDocument {
  public:
    /// A new document: it is saved with the next save_all().
    Document(Documents& owner, EntryName name, T value)
        : AnyDocument(owner, std::move(name)), value_(std::move(value)) {
        mark_changed();
    }
    struct Loaded {};
    /// A document as it was read: unchanged.
    Document(Loaded, Documents& owner, EntryName name, T value)
        : AnyDocument(owner, std::move(name)), value_(std::move(value)) {}

    const T& operator*() const { return value_; }
    const T* operator->() const { return &value_; }

    template <class Change>
    decltype(auto) edit(Change&& change) {
        mark_changed();
        return std::forward<Change>(change)(value_);
    }

  private:
    Json encode() const override;
    T value_;
};

}  // namespace csim
