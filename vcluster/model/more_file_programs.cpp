// Links, modes, owners, names and sums of files.
#include "core/hex.hpp"
#include "vcluster/model/programs.hpp"
#include "vcluster/model/shell.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <cerrno>

namespace csim::model {
namespace {

using Type = NodeFile::Type;

int ln(Call& call) {
    const Options options = parse_options(call.arguments, "sf");
    if (!options.wrong.empty()) return option_not_modelled(call, options.wrong);
    if (!options.has("s")) return option_not_modelled(call, "hard link");
    if (options.operands.size() != 2) return call.fail(1, "ln: missing file operand");
    NodeFile link;
    link.type = Type::symlink;
    link.content = options.operands[0];
    link.mode = 0777;
    const std::string path = call.path(options.operands[1]);
    if (call.node.exists(path) && !options.has("f"))
        return call.fail(1, "ln: failed to create symbolic link '" + options.operands[1] + "': File exists");
    const int wrong = call.node.write(path, std::move(link));
    return wrong == 0
               ? 0
               : call.fail(
                     1, "ln: failed to create symbolic link '" + options.operands[1] + "': " + reason(wrong)
                 );
}

/// Applies `change` to every file named. `-R` reaches what is below.
template <class Change>
int for_files(Call& call, const Options& options, std::size_t first, const char* what, Change change) {
    int status = 0;
    std::vector<std::string> all(
        options.operands.begin() + static_cast<std::ptrdiff_t>(first), options.operands.end()
    );
    for (std::size_t i = 0; i < all.size(); ++i) {
        const std::string path = call.path(all[i]);
        NodeFile file;
        if (const int wrong = call.node.read(path, file); wrong != 0) {
            status = call.fail(1, std::string(what) + ": cannot access '" + all[i] + "': " + reason(wrong));
            continue;
        }
        if (options.has("R"))
            for (const std::string& name : file.entries) all.push_back(all[i] + "/" + name);
        change(file);
        if (const int wrong = call.node.write(path, std::move(file)); wrong != 0)
            status = call.fail(1, std::string(what) + ": changing '" + all[i] + "': " + reason(wrong));
    }
    return status;
}

int chmod(Call& call) {
    const Options options = parse_options(call.arguments, "R");
    if (!options.wrong.empty()) return option_not_modelled(call, options.wrong);
    if (options.operands.size() < 2) return call.fail(1, "chmod: missing operand");
    const std::string& mode = options.operands[0];
    const bool octal = mode.find_first_not_of("01234567") == std::string::npos;
    if (!octal && mode != "+x" && mode != "a+x" && mode != "u+x") return option_not_modelled(call, mode);
    return for_files(call, options, 1, "chmod", [&](NodeFile& file) {
        file.mode = octal ? static_cast<unsigned>(std::strtoul(mode.c_str(), nullptr, 8))
                          : file.mode | (mode[0] == 'u' ? 0100U : 0111U);
    });
}

int chown(Call& call) {
    const Options options = parse_options(call.arguments, "R");
    if (!options.wrong.empty()) return option_not_modelled(call, options.wrong);
    if (options.operands.size() < 2) return call.fail(1, "chown: missing operand");
    const std::string& whole = options.operands[0];
    const auto colon = whole.find(':');
    const std::string owner = whole.substr(0, colon);
    const std::string group = colon == std::string::npos ? "" : whole.substr(colon + 1);
    const auto user = call.node.find_user(owner), other = call.node.find_user(group.empty() ? owner : group);
    if (!owner.empty() && !user) return call.fail(1, "chown: invalid user: '" + whole + "'");
    if (!group.empty() && !other) return call.fail(1, "chown: invalid group: '" + whole + "'");
    return for_files(call, options, 1, "chown", [&](NodeFile& file) {
        if (user) file.uid = user->uid;
        if (colon != std::string::npos && other) file.gid = other->gid;
    });
}

int stat(Call& call) {
    const Options options = parse_options(call.arguments, "c:");
    if (!options.wrong.empty() || !options.has("c")) return option_not_modelled(call, options.wrong);
    int status = 0;
    for (const std::string& each : options.operands) {
        NodeFile file;
        if (const int wrong = call.node.read(call.path(each), file); wrong != 0) {
            status = call.fail(1, "stat: cannot statx '" + each + "': " + reason(wrong));
            continue;
        }
        const std::string format = options.value("c");
        std::string line;
        for (std::size_t i = 0; i < format.size(); ++i) {
            if (format[i] != '%' || i + 1 == format.size()) {
                line += format[i];
                continue;
            }
            char octal[16];
            std::snprintf(octal, sizeof octal, "%o", file.mode);
            const auto name = [&](unsigned id) {
                return call.node.find_user(std::to_string(id)).value_or(User{}).name;
            };
            switch (format[++i]) {
                case 'a':
                    line += octal;
                    break;
                case 's':
                    line += std::to_string(file.content.size());
                    break;
                case 'n':
                    line += each;
                    break;
                case 'u':
                    line += std::to_string(file.uid);
                    break;
                case 'g':
                    line += std::to_string(file.gid);
                    break;
                case 'U':
                    line += name(file.uid);
                    break;
                case 'G':
                    line += name(file.gid);
                    break;
                case 'F':
                    line += file.type == Type::directory ? "directory" : "regular file";
                    break;
                default:
                    return option_not_modelled(call, "%" + std::string(1, format[i]));
            }
        }
        call.say(line + "\n");
    }
    return status;
}

int base_or_dir(Call& call) {
    if (call.arguments.size() < 2) return call.fail(1, call.name() + ": missing operand");
    const std::string& path = call.arguments[1];
    const auto slash = path.rfind('/');
    if (call.name().ends_with("dirname")) {
        call.say((slash == std::string::npos ? "." : slash == 0 ? "/" : path.substr(0, slash)) + "\n");
        return 0;
    }
    std::string name = path.substr(slash + 1);
    if (call.arguments.size() > 2 && name.ends_with(call.arguments[2]) && name != call.arguments[2])
        name.resize(name.size() - call.arguments[2].size());
    call.say(name + "\n");
    return 0;
}

int readlink(Call& call) {
    const Options options = parse_options(call.arguments, "f");
    if (!options.wrong.empty() || !options.has("f")) return option_not_modelled(call, options.wrong);
    for (const std::string& each : options.operands) call.say(call.path(each) + "\n");
    return 0;
}

void find_below(Call& call, const Options& options, const std::string& shown, const std::string& path) {
    NodeFile file;
    if (call.node.read(path, file) != 0) return;
    const std::string type = options.value("type");
    const bool right_type = type.empty() || (type == "d") == (file.type == Type::directory);
    const std::string name = shown.substr(shown.rfind('/') + 1);
    if (right_type && (!options.has("name") || glob_matches(options.value("name"), name)))
        call.say(shown + "\n");
    for (const std::string& each : file.entries)
        find_below(call, options, (shown == "/" ? "" : shown) + "/" + each, normal_path(path + "/" + each));
}

int find(Call& call) {
    std::vector<std::string> words = call.arguments;
    for (std::string& each : words)
        if (each == "-name" || each == "-type") each.insert(0, "-");
    const Options options = parse_options(words, "", {"name:", "type:"});
    if (!options.wrong.empty()) return option_not_modelled(call, options.wrong);
    int status = 0;
    for (const std::string& each : options.operands) {
        if (!call.node.exists(call.path(each)))
            status = call.fail(1, "find: '" + each + "': No such file or directory");
        find_below(call, options, each, call.path(each));
    }
    return status;
}

int sum(Call& call) {
    const bool md5 = call.name().ends_with("md5sum");
    const auto digest = [&](const std::string& text) {
        unsigned char raw[EVP_MAX_MD_SIZE];
        unsigned length = 0;
        EVP_Digest(text.data(), text.size(), raw, &length, md5 ? EVP_md5() : EVP_sha256(), nullptr);
        return hex_text({reinterpret_cast<char*>(raw), length});
    };
    int status = 0;
    if (call.arguments.size() == 1) call.say(digest(call.in->rest()) + "  -\n");
    for (std::size_t i = 1; i < call.arguments.size(); ++i) {
        NodeFile file;
        const int wrong = call.node.read(call.path(call.arguments[i]), file);
        if (wrong != 0)
            status = call.fail(1, call.name() + ": " + call.arguments[i] + ": " + reason(wrong));
        else
            call.say(digest(file.content) + "  " + call.arguments[i] + "\n");
    }
    return status;
}

int diff(Call& call) {
    const Options options = parse_options(call.arguments, "q");
    if (!options.wrong.empty() || !options.has("q")) return option_not_modelled(call, options.wrong);
    if (options.operands.size() != 2) return call.fail(2, "diff: missing operand");
    NodeFile files[2];
    for (std::size_t i = 0; i < 2; ++i)
        if (const int wrong = call.node.read(call.path(options.operands[i]), files[i]); wrong != 0)
            return call.fail(2, "diff: " + options.operands[i] + ": " + reason(wrong));
    if (files[0].content == files[1].content) return 0;
    call.say("Files " + options.operands[0] + " and " + options.operands[1] + " differ\n");
    return 1;
}

int df(Call& call) {
    call.say(
        "Filesystem     1K-blocks    Used Available Use% Mounted on\n"
        "overlay         20509264 1048576  19460688   6% /\n"
    );
    for (const Mount& each : call.node.mounts)
        call.say("shared          20509264 1048576  19460688   6% " + each.target + "\n");
    return 0;
}

const Program rows[] = {
    {"basename", base_or_dir},
    {"chmod", chmod},
    {"chown", chown},
    {"df", df},
    {"diff", diff},
    {"dirname", base_or_dir},
    {"find", find},
    {"ln", ln},
    {"md5sum", sum},
    {"readlink", readlink},
    {"sha256sum", sum},
    {"stat", stat},
    {"sync", [](Call&) { return 0; }},
};

}  // namespace

std::span<const Program> more_file_programs() {
    return rows;
}

}  // namespace csim::model
