// Texts that are much alike, such as the saved states of a hundred thousand servers, each kept as what
// differs from one of them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

/// Packs texts against `base`. What is packed is read by the same packer only.
class TextPacker {
  public:
    explicit TextPacker(std::string base);

    /// Any text will do; the more it has in common with the base, the shorter the result.
    std::string pack(std::string_view text) const;
    /// Requires: what pack() returned.
    std::string unpack(std::string_view packed) const;

  private:
    /// The length of what the base has at `from` of `text`; sets where in the base.
    std::size_t match(std::string_view text, std::size_t from, std::size_t& at) const;

    std::string base_;
    std::vector<std::uint32_t> places_;  ///< by hash of a few bytes: 1 + where the base has them; 0: nowhere
};

}  // namespace csim
