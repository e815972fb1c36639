#include "state/document_name.hpp"

#include <algorithm>

namespace csim {

namespace {

// Temporary files put a dot and a suffix around a part, and file systems stop at 255 bytes.
constexpr std::size_t part_size_max = 240;
constexpr std::size_t name_size_max = 1024;

bool valid_part(std::string_view part) {
    return !part.empty() && part.front() != '.' && part.size() <= part_size_max &&
           std::none_of(part.begin(), part.end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

bool valid_parts(std::string_view name) {
    while (true) {
        const auto slash = name.find('/');
        if (!valid_part(name.substr(0, slash))) return false;
        if (slash == std::string_view::npos) return true;
        name.remove_prefix(slash + 1);
    }
}

bool cluster_name(std::string_view file) {
    constexpr std::string_view prefix = "fake_cluster_";
    if (!file.starts_with(prefix)) return false;
    file.remove_prefix(prefix.size());
    if (file.starts_with('-')) file.remove_prefix(1);
    return !file.empty() &&
           std::all_of(file.begin(), file.end(), [](char c) { return c >= '0' && c <= '9'; });
}

}  // namespace

DocumentKind document_kind(std::string_view name) {
    if (name.size() > name_size_max || name == version_file_name || !valid_parts(name)) {
        return DocumentKind::foreign;
    }
    const auto file = name.substr(name.rfind('/') + 1);
    if (file.ends_with(".json") || cluster_name(file)) return DocumentKind::json;
    if (file.ends_with(".pem") || file.ends_with(".crt") || file.ends_with(".csr")) return DocumentKind::text;
    return DocumentKind::foreign;
}

}  // namespace csim
