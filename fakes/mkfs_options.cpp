#include "fakes/mkfs_options.hpp"

#include <charconv>
#include <optional>
#include <string>

namespace csim {

namespace {

constexpr std::int64_t option_max = 1LL << 40;

Result<std::optional<std::int64_t>> number_after(std::string_view options, std::string_view flag) {
    for (auto at = options.find(flag); at != std::string_view::npos; at = options.find(flag, at + 1)) {
        // An option begins a word; `-E lazy-init` has no `-i`.
        if (at != 0 && options[at - 1] != ' ') continue;
        auto rest = options.substr(at + flag.size());
        rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
        std::int64_t number = 0;
        const auto [end, error] = std::from_chars(rest.data(), rest.data() + rest.size(), number);
        if (error != std::errc{} || number <= 0 || number > option_max) {
            return Error{
                Errc::bad_argument, "mkfsoptions: a positive number must follow " + std::string(flag)};
        }
        return std::optional(number);
    }
    return std::optional<std::int64_t>();
}

}  // namespace

Result<InodeLayout> parse_mkfs_options(std::string_view options) {
    InodeLayout layout;
    const auto size = number_after(options, "-I");
    if (!size) return size.error();
    const auto density = number_after(options, "-i");
    if (!density) return density.error();
    layout.inode_size = size->value_or(layout.inode_size);
    layout.bytes_per_inode = density->value_or(layout.bytes_per_inode);
    return layout;
}

}  // namespace csim
