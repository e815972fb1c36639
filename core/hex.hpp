// Bytes as text: hexadecimal and base64 (RFC 4648).
#pragma once

#include "core/result.hpp"

#include <string>
#include <string_view>

namespace csim {

/// Lower case, two digits a byte.
std::string hex_text(std::string_view bytes);
/// Either case. Fails with bad_argument.
Result<std::string> parse_hex(std::string_view text);

/// Standard alphabet, padded.
std::string base64_text(std::string_view bytes);
/// Strict: padded, no blanks, no bits beyond the last byte. Fails with bad_argument.
Result<std::string> parse_base64(std::string_view text);

}  // namespace csim
