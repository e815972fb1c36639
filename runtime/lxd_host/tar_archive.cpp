#include "runtime/lxd_host/tar_archive.hpp"

#include <charconv>
#include <cstring>

namespace csim {
namespace {

constexpr std::size_t block = 512;

/// A header, by the places of its fields.
struct Header {
    std::string_view bytes;
    std::string_view field(std::size_t at, std::size_t size) const {
        const std::string_view raw = bytes.substr(at, size);
        return raw.substr(0, std::min(raw.find('\0'), raw.size()));
    }
    std::uint64_t number(std::size_t at, std::size_t size) const {
        std::uint64_t value = 0;
        if ((static_cast<unsigned char>(bytes[at]) & 0x80u) != 0) {
            for (std::size_t i = at + size - 8; i < at + size; ++i)
                value = value << 8 | static_cast<unsigned char>(bytes[i]);
            return value;
        }
        for (const char c : field(at, size))
            if (c >= '0' && c <= '7') value = value * 8 + static_cast<std::uint64_t>(c - '0');
        return value;
    }
    bool empty() const { return bytes.find_first_not_of('\0') == std::string_view::npos; }
    bool sums_up() const {
        unsigned sum = 0;
        for (std::size_t i = 0; i < block; ++i)
            sum += i >= 148 && i < 156 ? ' ' : static_cast<unsigned char>(bytes[i]);
        return sum == number(148, 8);
    }
    std::string name() const {
        const std::string_view prefix = bytes.substr(257, 5) == "ustar" ? field(345, 155) : "";
        return (prefix.empty() ? "" : std::string(prefix) + "/") + std::string(field(0, 100));
    }
    char type() const { return bytes[156]; }
};

/// What came before an entry and is about it.
struct Notes {
    std::string path, link;
};

void read_pax(std::string_view text, Notes& notes) {
    while (!text.empty()) {
        std::size_t size = 0;
        const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), size);
        if (wrong != std::errc{} || size < 3 || size > text.size()) return;
        const std::size_t space = static_cast<std::size_t>(end - text.data()) + 1;
        const std::string_view record = text.substr(std::min(space, size), size - std::min(space, size) - 1);
        if (record.starts_with("path=")) notes.path = record.substr(5);
        if (record.starts_with("linkpath=")) notes.link = record.substr(9);
        text.remove_prefix(size);
    }
}

std::string without_end(std::string_view text) {
    return std::string(text.substr(0, std::min(text.find('\0'), text.size())));
}

void add_entry(FileTree& tree, const Header& header, const Notes& notes, std::string_view content) {
    const std::string path = normal_path(notes.path.empty() ? header.name() : notes.path);
    const std::string link = notes.link.empty() ? std::string(header.field(157, 100)) : notes.link;
    NodeFile file;
    file.mode = static_cast<unsigned>(header.number(100, 8)) & 07777;
    file.uid = static_cast<std::uint32_t>(header.number(108, 8));
    file.gid = static_cast<std::uint32_t>(header.number(116, 8));
    if (header.type() == '5') {
        file.type = NodeFile::Type::directory;
    } else if (header.type() == '2') {
        file.type = NodeFile::Type::symlink;
        file.content = link;
    } else if (header.type() == '1') {
        const auto other = tree.find(normal_path(link));
        if (other == tree.end()) return;
        file = other->second;
    } else if (header.type() == '0' || header.type() == '\0') {
        file.content = content;
    } else {
        return;
    }
    tree[path] = std::move(file);
}

void put_number(std::string& header, std::size_t at, std::size_t size, std::uint64_t value) {
    for (std::size_t i = size - 1; i-- > 0; value /= 8) header[at + i] = static_cast<char>('0' + value % 8);
}

std::string header_of(const std::string& path, const NodeFile& file, std::size_t size) {
    std::string header(block, '\0');
    path.copy(header.data(), 100);
    put_number(header, 100, 8, file.mode);
    put_number(header, 108, 8, file.uid);
    put_number(header, 116, 8, file.gid);
    put_number(header, 124, 12, size);
    put_number(header, 136, 12, 0);
    const char types[] = {'0', '5', '2'};
    header[156] = types[static_cast<int>(file.type)];
    if (file.type == NodeFile::Type::symlink) file.content.copy(header.data() + 157, 100);
    std::memcpy(header.data() + 257, "ustar\00000", 8);
    std::memset(header.data() + 148, ' ', 8);
    unsigned sum = 0;
    for (const char c : header) sum += static_cast<unsigned char>(c);
    put_number(header, 148, 7, sum);
    return header;
}

void pad(std::string& archive) {
    archive.resize((archive.size() + block - 1) / block * block, '\0');
}

/// GNU's way to tell a name that a header has no room for.
void put_long(std::string& archive, char kind, const std::string& text) {
    NodeFile none;
    std::string header = header_of("././@LongLink", none, text.size() + 1);
    header[156] = kind;
    std::memset(header.data() + 148, ' ', 8);
    unsigned sum = 0;
    for (const char c : header) sum += static_cast<unsigned char>(c);
    put_number(header, 148, 7, sum);
    archive += header + text + '\0';
    pad(archive);
}

}  // namespace

Result<FileTree> read_tar(std::string_view bytes, std::size_t bytes_max) {
    FileTree tree;
    Notes notes;
    std::size_t at = 0, kept = 0;
    while (at + block <= bytes.size()) {
        const Header header{bytes.substr(at, block)};
        if (header.empty()) break;
        if (!header.sums_up()) return Error{Errc::corrupt, "it is not a tar archive"};
        const std::uint64_t size = header.number(124, 12);
        at += block;
        if (size > bytes.size() - at)
            return Error{Errc::corrupt, "the tar archive ends in the middle of a file"};
        const std::string_view content = bytes.substr(at, size);
        at += std::min<std::size_t>((size + block - 1) / block * block, bytes.size() - at);
        if (header.type() == 'L') notes.path = without_end(content);
        if (header.type() == 'K') notes.link = without_end(content);
        if (header.type() == 'x') read_pax(content, notes);
        if (std::string_view("LKxg").find(header.type()) != std::string_view::npos) continue;
        kept += content.size() + 256;
        if (kept > bytes_max) return Error{Errc::exhausted, "its contents are too large"};
        add_entry(tree, header, std::exchange(notes, {}), content);
    }
    if (tree.empty()) return Error{Errc::corrupt, "it is not a tar archive"};
    return tree;
}

std::string write_tar(const FileTree& tree) {
    std::string archive;
    for (const auto& [path, file] : tree) {
        if (path == "/") continue;
        std::string name = path.substr(1);
        if (file.type == NodeFile::Type::directory) name += "/";
        if (name.size() > 100) put_long(archive, 'L', name);
        const bool link = file.type == NodeFile::Type::symlink;
        if (link && file.content.size() > 100) put_long(archive, 'K', file.content);
        const bool content = file.type == NodeFile::Type::file;
        archive += header_of(name, file, content ? file.content.size() : 0);
        if (content) archive += file.content;
        pad(archive);
    }
    archive.append(2 * block, '\0');
    return archive;
}

}  // namespace csim
