// Programs that show and make files.
#include "core/utc.hpp"
#include "vcluster/model/programs.hpp"

#include <algorithm>
#include <cerrno>
#include <functional>

namespace csim::model {
namespace {

using Type = NodeFile::Type;

int cat(Call& call) {
    const Options options = parse_options(call.arguments, "");
    if (!options.wrong.empty()) return option_not_modelled(call, options.wrong);
    int status = 0;
    if (options.operands.empty()) call.say(call.in->rest());
    for (const std::string& each : options.operands) {
        NodeFile file;
        const int wrong = each == "-" ? 0 : call.node.read(call.path(each), file);
        if (each == "-")
            call.say(call.in->rest());
        else if (wrong != 0)
            status = call.fail(1, "cat: " + each + ": " + reason(wrong));
        else if (file.type == Type::directory)
            status = call.fail(1, "cat: " + each + ": Is a directory");
        else
            call.say(file.content);
    }
    return status;
}

std::string mode_text(const NodeFile& file) {
    std::string text(1, file.type == Type::directory ? 'd' : file.type == Type::symlink ? 'l' : '-');
    for (int shift = 8; shift >= 0; --shift) text += (file.mode >> shift & 1) != 0 ? "xwr"[shift % 3] : '-';
    if ((file.mode & 01000) != 0) text.back() = 't';
    return text;
}

std::string owner_name(Node& node, unsigned uid) {
    const auto user = node.find_user(std::to_string(uid));
    return user ? user->name : std::to_string(uid);
}

std::string long_line(Call& call, const NodeFile& file, const std::string& path, const std::string& name) {
    const auto changed = call.node.changed.find(path);
    const SimTime at = changed == call.node.changed.end() ? call.world.options().epoch : changed->second;
    const std::string when = utc_text_seconds(at).substr(0, 16);
    const std::string size = std::to_string(file.type == Type::directory ? 4096 : file.content.size());
    return mode_text(file) + " 1 " + owner_name(call.node, file.uid) + " " + owner_name(call.node, file.gid) +
           " " + std::string(size.size() < 8 ? 8 - size.size() : 0, ' ') + size + " " + when + " " + name +
           "\n";
}

void list_folder(Call& call, const Options& options, const std::string& path, const NodeFile& folder) {
    std::vector<std::string> names = folder.entries;
    if (options.has("a")) names.insert(names.end(), {".", ".."});
    std::sort(names.begin(), names.end());
    if (options.has("l")) call.say("total " + std::to_string(4 * names.size()) + "\n");
    for (const std::string& name : names) {
        if (name[0] == '.' && !options.has("a")) continue;
        NodeFile file;
        const std::string at = normal_path(path + "/" + name);
        call.node.read(at, file);
        call.say(options.has("l") ? long_line(call, file, at, name) : name + "\n");
    }
    if (!options.has("R")) return;
    for (const std::string& name : folder.entries) {
        NodeFile inner;
        const std::string at = normal_path(path + "/" + name);
        if (call.node.read(at, inner) != 0 || inner.type != Type::directory) continue;
        call.say("\n" + at + ":\n");
        list_folder(call, options, at, inner);
    }
}

int ls(Call& call) {
    Options options = parse_options(call.arguments, "la1dR");
    if (!options.wrong.empty()) return option_not_modelled(call, options.wrong);
    if (options.operands.empty()) options.operands.push_back(".");
    int status = 0;
    for (const std::string& each : options.operands) {
        NodeFile file;
        const std::string path = call.path(each);
        if (const int wrong = call.node.read(path, file); wrong != 0) {
            status = call.fail(2, "ls: cannot access '" + each + "': " + reason(wrong));
            continue;
        }
        if (file.type != Type::directory || options.has("d")) {
            call.say(options.has("l") ? long_line(call, file, path, each) : each + "\n");
            continue;
        }
        if (options.operands.size() > 1) call.say(each + ":\n");
        list_folder(call, options, path, file);
    }
    return status;
}

NodeFile folder_of(unsigned mode) {
    NodeFile made;
    made.type = Type::directory;
    made.mode = mode;
    return made;
}

int mkdir(Call& call) {
    const Options options = parse_options(call.arguments, "pm:");
    if (!options.wrong.empty()) return option_not_modelled(call, options.wrong);
    const auto mode = static_cast<unsigned>(std::strtoul(options.value("m", "755").c_str(), nullptr, 8));
    int status = 0;
    for (const std::string& each : options.operands) {
        const std::string path = call.path(each);
        NodeFile there;
        if (call.node.read(path, there) == 0) {
            if (!options.has("p") || there.type != Type::directory)
                status = call.fail(1, "mkdir: cannot create directory '" + each + "': File exists");
            continue;
        }
        for (auto slash = path.find('/', 1); options.has("p") && slash != std::string::npos;
             slash = path.find('/', slash + 1))
            if (!call.node.exists(path.substr(0, slash)))
                call.node.write(path.substr(0, slash), folder_of(0755));
        if (const int wrong = call.node.write(path, folder_of(mode)); wrong != 0)
            status = call.fail(1, "mkdir: cannot create directory '" + each + "': " + reason(wrong));
    }
    return status;
}

// Links go themselves, not what they lead to: only a folder refuses to be removed because of what is in it.
int remove_tree(Call& call, const std::string& path) {
    const int removed = call.node.remove(path);
    if (removed != ENOTEMPTY) return removed;
    NodeFile folder;
    if (const int wrong = call.node.read(path, folder); wrong != 0) return wrong;
    for (const std::string& name : folder.entries)
        if (const int wrong = remove_tree(call, normal_path(path + "/" + name)); wrong != 0) return wrong;
    return call.node.remove(path);
}

int rm(Call& call) {
    const Options options = parse_options(call.arguments, "rfR");
    if (!options.wrong.empty()) return option_not_modelled(call, options.wrong);
    const bool deep = options.has("r") || options.has("R");
    int status = 0;
    for (const std::string& each : options.operands) {
        const std::string path = call.path(each);
        NodeFile file;
        int wrong = call.node.read(path, file);
        if (wrong == ENOENT && options.has("f")) continue;
        if (wrong == 0 && file.type == Type::directory && !deep) wrong = EISDIR;
        if (wrong == 0) wrong = deep ? remove_tree(call, path) : call.node.remove(path);
        if (wrong != 0) status = call.fail(1, "rm: cannot remove '" + each + "': " + reason(wrong));
    }
    return status;
}

/// Where `cp a b` writes: into the folder b, or to b itself.
std::string target_of(Call& call, const std::string& source, const std::string& target) {
    NodeFile there;
    const std::string path = call.path(target);
    const bool folder = call.node.read(path, there) == 0 && there.type == Type::directory;
    return folder ? normal_path(path + "/" + source.substr(source.rfind('/') + 1)) : path;
}

int copy_tree(Call& call, const std::string& from, const std::string& to) {
    NodeFile file;
    if (const int wrong = call.node.read(from, file); wrong != 0) return wrong;
    const auto entries = file.entries;
    const bool folder = file.type == Type::directory;
    if (const int wrong = call.node.write(to, std::move(file)); wrong != 0) return wrong;
    for (const std::string& name : entries)
        if (const int wrong = folder ? copy_tree(call, from + "/" + name, to + "/" + name) : 0; wrong != 0)
            return wrong;
    return 0;
}

int copy_or_move(Call& call) {
    const bool moves = call.name().ends_with("mv");
    const Options options = parse_options(call.arguments, moves ? "f" : "rfRpa");
    const std::string name = moves ? "mv" : "cp";
    if (!options.wrong.empty()) return option_not_modelled(call, options.wrong);
    if (options.operands.size() < 2) return call.fail(1, name + ": missing file operand");
    int status = 0;
    for (std::size_t i = 0; i + 1 < options.operands.size(); ++i) {
        const std::string& each = options.operands[i];
        const std::string from = call.path(each);
        NodeFile file;
        if (const int wrong = call.node.read(from, file); wrong != 0) {
            status = call.fail(1, name + ": cannot stat '" + each + "': " + reason(wrong));
            continue;
        }
        const bool deep = moves || options.has("r") || options.has("R") || options.has("a");
        if (file.type == Type::directory && !deep) {
            status = call.fail(1, "cp: -r not specified; omitting directory '" + each + "'");
            continue;
        }
        const std::string to = target_of(call, each, options.operands.back());
        int wrong = copy_tree(call, from, to);
        if (wrong == 0 && moves) wrong = remove_tree(call, from);
        if (wrong != 0)
            status = call.fail(
                1, name + ": cannot create regular file '" + options.operands.back() + "': " + reason(wrong)
            );
    }
    return status;
}

int touch(Call& call) {
    const Options options = parse_options(call.arguments, "");
    if (!options.wrong.empty()) return option_not_modelled(call, options.wrong);
    int status = 0;
    for (const std::string& each : options.operands) {
        NodeFile file;
        const int wrong = call.node.exists(call.path(each)) ? 0 : call.node.write(call.path(each), file);
        call.node.changed[call.path(each)] = call.world.timeline().now();
        if (wrong != 0) status = call.fail(1, "touch: cannot touch '" + each + "': " + reason(wrong));
    }
    return status;
}

const Program rows[] = {
    {"cat", cat},         {"cp", copy_or_move}, {"ls", ls},       {"mkdir", mkdir},
    {"mv", copy_or_move}, {"rm", rm},           {"touch", touch},
};

}  // namespace

std::span<const Program> file_programs() {
    return rows;
}

}  // namespace csim::model
