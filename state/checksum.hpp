// CRC-32C (Castagnoli), which the journal uses to tell a whole record from a torn one.
#pragma once

#include <cstdint>
#include <string_view>

namespace csim {

/// `crc` is the result for the bytes before, 0 at the start.
/// Source: RFC 3720, appendix B.4.
std::uint32_t crc32c(std::string_view bytes, std::uint32_t crc = 0);

}  // namespace csim
