// Where the rows of the operation table come from: one function a subject.
#pragma once

#include "sim/control/operation.hpp"

#include <span>

namespace csim {

std::span<const Operation> hsm_operations();
std::span<const Operation> power_operations();
std::span<const Operation> server_operations();
std::span<const Operation> simulator_operations();

}  // namespace csim
