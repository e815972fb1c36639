// What an image's archive says of itself.
#include "runtime/lxd_host/lxd_images.hpp"
#include "runtime/lxd_host/tar_archive.hpp"

#include <nlohmann/json.hpp>

#include <charconv>
#include <sstream>

namespace csim {
namespace {

constexpr std::size_t unpacked_max = 512u << 20;

std::string trimmed(std::string text) {
    const auto first = text.find_first_not_of(" \t\r");
    if (first == std::string::npos) return "";
    text = text.substr(first, text.find_last_not_of(" \t\r") - first + 1);
    const bool quoted =
        text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front();
    return quoted ? text.substr(1, text.size() - 2) : text;
}

void set(LxdImage& image, const std::string& key, const std::string& value) {
    if (key == "architecture") image.architecture = value;
    std::int64_t seconds = 0;
    if (key == "creation_date" &&
        std::from_chars(value.data(), value.data() + value.size(), seconds).ec == std::errc{} &&
        seconds > 0 && seconds < 9'000'000'000)
        image.created = SimTime::from_unix_ns(seconds * 1'000'000'000);
}

/// The two levels of YAML that image makers write; JSON, which is YAML, too.
void read_metadata(const std::string& text, LxdImage& image) {
    const Json json = Json::parse(text, nullptr, false);
    if (json.is_object()) {
        for (const auto& [key, value] : json.items())
            set(image, key, value.is_string() ? value.get<std::string>() : value.dump());
        if (json.contains("properties") && json["properties"].is_object())
            for (const auto& [key, value] : json["properties"].items())
                image.properties[key] = value.is_string() ? value.get<std::string>() : value.dump();
        return;
    }
    std::istringstream lines(text);
    std::string section;
    for (std::string line; std::getline(lines, line);) {
        const auto colon = line.find(':');
        if (colon == std::string::npos || trimmed(line).starts_with("#")) continue;
        const bool inner = line[0] == ' ' || line[0] == '\t';
        const std::string key = trimmed(line.substr(0, colon)), value = trimmed(line.substr(colon + 1));
        if (!inner) section = key;
        if (!inner) set(image, key, value);
        if (inner && section == "properties" && !value.empty()) image.properties[key] = value;
    }
}

std::shared_ptr<const FileTree> below(const FileTree& tree, const std::string& folder) {
    auto base = std::make_shared<FileTree>();
    for (auto each = tree.lower_bound(folder); each != tree.end() && each->first.starts_with(folder); ++each)
        if (each->first.size() == folder.size() || each->first[folder.size()] == '/')
            (*base)[each->first.size() == folder.size() ? "/" : each->first.substr(folder.size())] =
                each->second;
    if (base->empty()) return nullptr;
    (*base)["/"].type = NodeFile::Type::directory;
    (*base)["/"].mode = 0755;
    return base;
}

Error unreadable(const std::string& what) {
    return {Errc::corrupt, "The image cannot be used: " + what};
}

Result<FileTree> tree_of(std::string archive) {
    auto plain = unpacked(std::move(archive), unpacked_max);
    if (!plain) return plain.error();
    return read_tar(*plain, unpacked_max);
}

}  // namespace

Result<LxdImage> read_image(std::string archive, std::string root_archive) {
    LxdImage image;
    image.fingerprint = sha256_hex(root_archive.empty() ? archive : archive + root_archive);
    image.archive = std::make_shared<std::string>(archive);
    const auto tree = tree_of(std::move(archive));
    if (!tree) return unreadable(tree.error().detail);
    const auto metadata = tree->find("/metadata.yaml");
    if (metadata == tree->end()) return unreadable("there is no metadata.yaml in it");
    read_metadata(metadata->second.content, image);
    if (root_archive.empty()) {
        image.base = below(*tree, "/rootfs");
        if (!image.base) return unreadable("there is no rootfs in it");
        return image;
    }
    image.root_archive = std::make_shared<std::string>(root_archive);
    if (root_archive.starts_with("hsqs")) {
        // What is in a squashfs is not looked at: its instances begin with the ordinary small system.
        image.base = ordinary_base();
        return image;
    }
    auto root = tree_of(std::move(root_archive));
    if (!root) return unreadable(root.error().detail);
    auto base = std::make_shared<FileTree>(std::move(*root));
    (*base)["/"].type = NodeFile::Type::directory;
    (*base)["/"].mode = 0755;
    image.base = std::move(base);
    return image;
}

Result<std::pair<std::string, std::string>> split_parts(
    const std::string& content_type, std::string_view body
) {
    const auto at = content_type.find("boundary=");
    if (at == std::string::npos) return Error{Errc::bad_argument, "no multipart boundary"};
    std::string boundary = content_type.substr(at + 9);
    boundary = "--" + trimmed(boundary.substr(0, boundary.find(';')));
    std::pair<std::string, std::string> parts;
    for (auto from = body.find(boundary); from != std::string_view::npos;) {
        from += boundary.size();
        const auto head_end = body.find("\r\n\r\n", from);
        const auto next = body.find("\r\n" + boundary, from);
        if (head_end == std::string_view::npos || next == std::string_view::npos || head_end + 4 > next)
            break;
        const std::string_view head = body.substr(from, head_end - from);
        const std::string_view content = body.substr(head_end + 4, next - head_end - 4);
        if (head.find("name=\"metadata\"") != std::string_view::npos) parts.first = content;
        if (head.find("name=\"rootfs") != std::string_view::npos) parts.second = content;
        from = next + 2;
    }
    if (parts.first.empty() || parts.second.empty())
        return Error{Errc::bad_argument, "a split image has the parts metadata and rootfs"};
    return parts;
}

}  // namespace csim
