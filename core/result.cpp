#include "core/result.hpp"

#include <ostream>

namespace csim {

std::ostream& operator<<(std::ostream& out, const Error& error) {
    return out << error.detail;
}

}  // namespace csim
