#include "vcluster/model/shared_tree.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>

namespace csim::model {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t file_max = 64u << 20;

std::shared_ptr<const FileTree> bare_root() {
    auto tree = std::make_shared<FileTree>();
    NodeFile root;
    root.type = NodeFile::Type::directory;
    root.mode = 0755;
    (*tree)["/"] = root;
    return tree;
}

std::string below(const std::string& folder, const std::string& name) {
    return folder == "/" ? "/" + name : folder + "/" + name;
}

}  // namespace

SharedTree::SharedTree(std::string source) : source_(std::move(source)), files_(bare_root()) {}

void SharedTree::load_folder(const std::string& path) {
    if (!loaded_.insert(path).second) return;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(source_ + path, error)) {
        NodeFile file;
        const std::string at = below(path, entry.path().filename().string());
        if (entry.is_symlink(error)) {
            file.type = NodeFile::Type::symlink;
            file.content = fs::read_symlink(entry.path(), error).string();
        } else if (entry.is_directory(error)) {
            file.type = NodeFile::Type::directory;
        } else if (entry.is_regular_file(error)) {
            pending_.insert(at);
        } else {
            continue;
        }
        file.mode = static_cast<unsigned>(entry.symlink_status(error).permissions()) & 07777;
        files_.write(at, std::move(file));
    }
}

// Every folder on the way, then the file itself.
void SharedTree::load(const std::string& path) {
    const std::string normal = normal_path(path);
    load_folder("/");
    for (auto slash = normal.find('/', 1); slash != std::string::npos; slash = normal.find('/', slash + 1))
        load_folder(normal.substr(0, slash));
    const auto there = files_.read(normal);
    if (there && there->type == NodeFile::Type::directory) load_folder(normal);
    if (pending_.erase(normal) == 0 || !there) return;
    NodeFile file = *there;
    std::error_code error;
    if (fs::file_size(source_ + normal, error) <= file_max && !error) {
        std::ifstream in(source_ + normal, std::ios::binary);
        file.content.assign(std::istreambuf_iterator<char>(in), {});
    }
    files_.write(normal, std::move(file));
}

NodeResult<NodeFile> SharedTree::read(const std::string& path) {
    load(path);
    return files_.read(path);
}

NodeResult<Done> SharedTree::write(const std::string& path, NodeFile file, bool append) {
    load(path);
    return files_.write(path, std::move(file), append);
}

NodeResult<Done> SharedTree::remove(const std::string& path) {
    load(path);
    return files_.remove(path);
}

}  // namespace csim::model
