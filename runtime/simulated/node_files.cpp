#include "runtime/simulated/node_files.hpp"

#include <set>

namespace csim {
namespace {

NodeError missing(const std::string& path) {
    return {NodeError::Kind::not_found, NodePhase::file, "open", "there is no " + path};
}

NodeFile folder(unsigned mode = 0755) {
    NodeFile made;
    made.type = NodeFile::Type::directory;
    made.mode = mode;
    return made;
}

NodeFile file(std::string content, unsigned mode = 0644) {
    NodeFile made;
    made.content = std::move(content);
    made.mode = mode;
    return made;
}

std::string parent_of(const std::string& path) {
    const auto slash = path.rfind('/');
    return slash == 0 || slash == std::string::npos ? "/" : path.substr(0, slash);
}

}  // namespace

std::shared_ptr<const FileTree> ordinary_base() {
    static const auto tree = [] {
        auto made = std::make_shared<FileTree>();
        for (const char* path :
             {"/", "/bin", "/dev", "/etc", "/home", "/home/ubuntu", "/proc", "/root", "/run", "/sbin", "/sys",
              "/usr", "/var", "/var/log"})
            (*made)[path] = folder();
        (*made)["/tmp"] = folder(01777);
        (*made)["/etc/issue"] = file("Ubuntu 14.04.2 LTS \\n \\l\n\n");
        (*made)["/etc/hostname"] = file("base\n");
        (*made)["/etc/passwd"] = file("root:x:0:0:root:/root:/bin/sh\n");
        for (const char* name :
             {"cat", "echo", "false", "hostname", "id", "ls", "ping", "sh", "sleep", "true", "uptime"})
            (*made)[std::string("/bin/") + name] = file("", 0755);
        (*made)["/sbin/init"] = file("", 0755);
        return std::shared_ptr<const FileTree>(std::move(made));
    }();
    return tree;
}

std::string normal_path(const std::string& path) {
    std::vector<std::string> parts;
    std::size_t at = 0;
    while (at <= path.size()) {
        const auto end = std::min(path.find('/', at), path.size());
        const std::string part = path.substr(at, end - at);
        at = end + 1;
        if (part.empty() || part == ".") continue;
        if (part != "..") {
            parts.push_back(part);
        } else if (!parts.empty()) {
            parts.pop_back();
        }
    }
    std::string normal;
    for (const std::string& part : parts) normal += "/" + part;
    return normal.empty() ? "/" : normal;
}

const NodeFile* NodeFiles::find(const std::string& path) const {
    const auto changed = delta_.find(path);
    if (changed != delta_.end()) return changed->second ? &*changed->second : nullptr;
    const auto based = base_->find(path);
    return based == base_->end() ? nullptr : &based->second;
}

// Follows links of the last part and of folders on the way, at most 16.
NodeResult<std::string> NodeFiles::resolved(const std::string& path) const {
    std::string at = normal_path(path);
    for (int hops = 0; hops < 16; ++hops) {
        std::size_t end = 0;
        bool followed = false;
        while (!followed && end != std::string::npos) {
            end = at.find('/', end + 1);
            const std::string prefix = at.substr(0, end);
            const NodeFile* found = find(prefix.empty() ? "/" : prefix);
            if (found == nullptr || found->type != NodeFile::Type::symlink) continue;
            const std::string rest = end == std::string::npos ? "" : at.substr(end);
            const bool absolute = found->content.starts_with("/");
            at = normal_path((absolute ? "" : parent_of(prefix) + "/") + found->content + rest);
            followed = true;
        }
        if (!followed) return at;
    }
    return NodeError{NodeError::Kind::denied, NodePhase::file, "open", path + " goes round in links"};
}

std::vector<std::string> NodeFiles::entries_of(const std::string& path) const {
    const std::string prefix = path == "/" ? "/" : path + "/";
    std::set<std::string> names;
    const auto collect = [&](const auto& tree, auto present) {
        for (auto each = tree.lower_bound(prefix); each != tree.end() && each->first.starts_with(prefix);
             ++each) {
            const std::string name = each->first.substr(prefix.size());
            if (name.empty() || name.find('/') != std::string::npos) continue;
            present(each->second) ? static_cast<void>(names.insert(name))
                                  : static_cast<void>(names.erase(name));
        }
    };
    collect(*base_, [](const NodeFile&) { return true; });
    collect(delta_, [](const std::optional<NodeFile>& changed) { return changed.has_value(); });
    return {names.begin(), names.end()};
}

NodeResult<NodeFile> NodeFiles::read(const std::string& path) const {
    const auto at = resolved(path);
    if (!at) return at.error();
    const NodeFile* found = find(*at);
    if (found == nullptr) return missing(path);
    NodeFile copy = *found;
    if (copy.type == NodeFile::Type::directory) copy.entries = entries_of(*at);
    return copy;
}

NodeResult<NodeFile> NodeFiles::look(const std::string& path) const {
    const std::string normal = normal_path(path);
    const auto parent = resolved(parent_of(normal));
    if (!parent) return parent.error();
    const std::string name = normal.substr(normal.rfind('/') + 1);
    const NodeFile* found = find(*parent == "/" ? "/" + name : *parent + "/" + name);
    if (found != nullptr && found->type == NodeFile::Type::symlink) return *found;
    return read(path);
}

NodeResult<Done> NodeFiles::write(const std::string& path, NodeFile written, bool append) {
    const std::string normal = normal_path(path);
    const auto parent = resolved(parent_of(normal));
    if (!parent) return parent.error();
    const NodeFile* folder = find(*parent);
    if (folder == nullptr || folder->type != NodeFile::Type::directory) return missing(parent_of(normal));
    const std::string name = normal.substr(normal.rfind('/') + 1);
    std::string at = *parent == "/" ? "/" + name : *parent + "/" + name;
    if (written.type == NodeFile::Type::file) {
        const auto end = resolved(at);
        if (end) at = *end;
    }
    const NodeFile* there = find(at);
    const bool was_folder = there != nullptr && there->type == NodeFile::Type::directory;
    if (there != nullptr && was_folder != (written.type == NodeFile::Type::directory))
        return NodeError{
            NodeError::Kind::exists, NodePhase::file, "open", path + " exists and is of another kind"};
    if (append && there != nullptr) written.content = there->content + written.content;
    written.entries.clear();
    delta_[at] = std::move(written);
    return Done{};
}

NodeResult<Done> NodeFiles::remove(const std::string& path) {
    const std::string at = normal_path(path);
    const NodeFile* found = find(at);
    if (found == nullptr || at == "/") return missing(path);
    if (found->type == NodeFile::Type::directory && !entries_of(at).empty())
        return NodeError{NodeError::Kind::busy, NodePhase::file, "rmdir", path + " is not empty"};
    delta_[at] = std::nullopt;
    if (!base_->contains(at)) delta_.erase(at);
    return Done{};
}

FileTree NodeFiles::whole() const {
    FileTree tree = *base_;
    for (const auto& [path, changed] : delta_) {
        if (changed)
            tree[path] = *changed;
        else
            tree.erase(path);
    }
    return tree;
}

std::uint64_t NodeFiles::delta_bytes() const {
    std::uint64_t bytes = 0;
    for (const auto& [path, changed] : delta_)
        if (changed) bytes += (changed->content.size() + 4095) / 4096 * 4096;
    return bytes;
}

}  // namespace csim
