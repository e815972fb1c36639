// One stamp per settled instant.
#include "manager/model/changes.hpp"

#include <algorithm>

namespace csim {

Changes::Changes(Timeline& timeline) : timeline_(timeline) {
    last_ = (timeline.now() - std::chrono::hours(1)).unix_ns() / 1000;
    stamps_.fill(last_);
}

Changes::~Changes() {
    timeline_.cancel(pending_);
}

void Changes::touch(Watched table) {
    if (table == Watched::nothing) return;
    if (touched_ == 0) pending_ = timeline_.after(Duration{}, [this] { settle(); });
    touched_ |= 1u << static_cast<unsigned>(table);
}

void Changes::settle() {
    if (touched_ == 0) return;
    timeline_.cancel(pending_);
    unsigned touched = std::exchange(touched_, 0u);
    last_ = std::max(last_ + 1, timeline_.now().unix_ns() / 1000);
    for (int table = 0; table < watched_count; ++table) {
        if (touched & (1u << table)) stamps_.at(static_cast<std::size_t>(table)) = last_;
    }
    for (auto& listener : listeners_) listener(touched);
}

}  // namespace csim
