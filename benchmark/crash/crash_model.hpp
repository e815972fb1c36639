// The history that crash rounds write: change number n is a pure function of n, so that the state after any
// prefix of the changes is known without having seen them.
#pragma once

#include "state/state_store.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace csim {

/// Puts, or erases, everything that change `number` (1, 2, …) consists of: several documents, entries and a
/// text.
void stage_change(StateStore& store, std::uint64_t number);

/// The number of the last change that `store` holds; 0 if none.
std::uint64_t last_change(const StateStore& store);

/// Is `store` exactly the state after changes 1 to `model`'s? Says what differs. `model` is a memory store.
std::optional<std::string> difference(const StateStore& store, const StateStore& model);

}  // namespace csim
