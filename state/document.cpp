#include "state/document.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <optional>

namespace csim {

/// Values without a Document; nothing stands for "gone".
struct Documents::Loose {
    std::map<EntryName, std::optional<Json>> entries;
};

Documents::Documents(StateStore& store) : store_(store) {}
Documents::~Documents() = default;

void Documents::put(EntryName name, Json value) {
    if (loose_ == nullptr) loose_ = std::make_unique<Loose>();
    loose_->entries.insert_or_assign(std::move(name), std::move(value));
}

void Documents::erase(EntryName name) {
    if (loose_ == nullptr) loose_ = std::make_unique<Loose>();
    loose_->entries.insert_or_assign(std::move(name), std::nullopt);
}

void Documents::save_all() {
    // A store that is durable at once runs actions inside commit(). One of them may save again; the loop does
    // it, after the actions that wait already, so that order stays.
    if (saving_) return;
    saving_ = true;
    while (!changed_.empty() || !erased_.empty() || loose_ != nullptr || !waiting_.empty()) {
        stage();
        auto actions = std::exchange(waiting_, {});
        if (actions.empty()) {
            store_.commit(nullptr);
            continue;
        }
        store_.commit([actions = std::move(actions)]() mutable {
            for (auto& action : actions) action();
        });
    }
    saving_ = false;
}

void Documents::stage() {
    // Erasing goes first: a document erased and made anew under the same name is there.
    std::sort(erased_.begin(), erased_.end());
    for (const auto& name : std::exchange(erased_, {})) store_.erase(name);
    auto changed = std::exchange(changed_, {});
    std::sort(changed.begin(), changed.end(), [](auto* a, auto* b) { return a->name() < b->name(); });
    for (auto* document : changed) {
        document->changed_ = false;
        store_.put(document->name(), document->encode());
    }
    if (loose_ == nullptr) return;
    auto entries = std::move(std::exchange(loose_, nullptr)->entries);
    // There may be very many: each goes as soon as the store has it.
    while (!entries.empty()) {
        const auto entry = entries.extract(entries.begin());
        entry.mapped() ? store_.put(entry.key(), *entry.mapped()) : store_.erase(entry.key());
    }
}

void Documents::when_durable(UniqueFunction<void()> action) {
    waiting_.push_back(std::move(action));
}

AnyDocument::~AnyDocument() {
    forget_change();
}

void AnyDocument::erase() {
    if (erased_) return;
    forget_change();
    erased_ = true;
    owner_->erased_.push_back(name_);
}

void AnyDocument::mark_changed() {
    if (changed_ || erased_) return;
    changed_ = true;
    changed_at_ = owner_->changed_.size();
    owner_->changed_.push_back(this);
}

void AnyDocument::forget_change() {
    if (!changed_) return;
    changed_ = false;
    auto& list = owner_->changed_;
    list[changed_at_] = list.back();
    list[changed_at_]->changed_at_ = changed_at_;
    list.pop_back();
}

}  // namespace csim
