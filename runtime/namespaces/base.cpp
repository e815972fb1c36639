#include "runtime/namespaces/base.hpp"

#include "core/hex.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

namespace csim {
namespace {

namespace fs = std::filesystem;

constexpr const char* mark_file = ".cluster-sim-base";
const char* const programs[] = {"sh", "cat",   "cp",   "echo",  "env",   "false", "hostname",
                                "id", "kill",  "ls",   "mkdir", "mount", "ping",  "ps",
                                "rm", "sleep", "test", "true",  "uname", "uptime"};

/// Runs a program without a shell; its output and whether it ended well.
std::pair<std::string, bool> output_of(const std::vector<std::string>& command) {
    int pipe[2];
    if (::pipe(pipe) != 0) return {"", false};
    std::vector<char*> arguments;
    for (const std::string& each : command) arguments.push_back(const_cast<char*>(each.c_str()));
    arguments.push_back(nullptr);
    const pid_t child = ::fork();
    if (child == 0) {
        ::dup2(pipe[1], 1), ::dup2(pipe[1], 2);
        ::close(pipe[0]), ::close(pipe[1]);
        ::execvp(arguments[0], arguments.data());
        ::_exit(127);
    }
    ::close(pipe[1]);
    std::string text;
    std::array<char, 4096> room;
    for (ssize_t n; (n = ::read(pipe[0], room.data(), room.size())) > 0;)
        text.append(room.data(), std::size_t(n));
    ::close(pipe[0]);
    int status = -1;
    if (child > 0) ::waitpid(child, &status, 0);
    return {text, WIFEXITED(status) && WEXITSTATUS(status) == 0};
}

std::string find_here(const std::string& name) {
    for (const char* place : {"/bin/", "/usr/bin/", "/sbin/", "/usr/sbin/"})
        if (::access((place + name).c_str(), X_OK) == 0) return place + name;
    return "";
}

/// Absolute paths in what `ldd` says, the interpreter among them; none for a static program.
std::set<std::string> libraries_of(const std::string& program) {
    std::set<std::string> paths;
    const std::string text = output_of({"ldd", program}).first;
    for (std::size_t at = 0; (at = text.find('/', at)) != std::string::npos;) {
        const auto end = std::min(text.find_first_of(" \n)", at), text.size());
        paths.insert(text.substr(at, end - at));
        at = end;
    }
    paths.erase(program + ":");
    return paths;
}

void copy_into(const fs::path& folder, const std::string& path) {
    fs::create_directories((folder / path.substr(1)).parent_path());
    fs::copy_file(path, folder / path.substr(1), fs::copy_options::overwrite_existing);
}

void skeleton(const fs::path& folder) {
    for (const char* each :
         {"bin", "dev", "etc", "home/ubuntu", "proc", "root", "run", "sbin", "sys", "usr", "var/log"})
        fs::create_directories(folder / each);
    fs::create_directories(folder / "tmp");
    fs::permissions(folder / "tmp", fs::perms::all | fs::perms::sticky_bit);
    std::ofstream(folder / "etc/issue") << "cluster-sim \\n \\l\n\n";
    std::ofstream(folder / "etc/passwd") << "root:x:0:0:root:/root:/bin/sh\n";
    std::ofstream(folder / "etc/hosts") << "127.0.0.1 localhost\n";
}

bool is_static(const std::string& program) {
    return !program.empty() && libraries_of(program).empty();
}

void from_busybox(const fs::path& folder, const std::string& busybox) {
    fs::copy_file(busybox, folder / "bin/busybox");
    for (const char* each : programs) fs::create_symlink("busybox", folder / "bin" / each);
}

void from_host(const fs::path& folder) {
    for (const char* each : programs) {
        const std::string found = find_here(each);
        if (found.empty()) continue;
        fs::copy_file(fs::canonical(found), folder / "bin" / each, fs::copy_options::overwrite_existing);
        for (const std::string& library : libraries_of(found)) copy_into(folder, library);
    }
}

Result<Nothing> from_tar(const fs::path& folder, const std::string& archive) {
    const auto [names, readable] = output_of({"tar", "-tf", archive});
    if (!readable) return Error{Errc::bad_argument, archive + " is not an archive that tar reads"};
    for (std::size_t at = 0; at < names.size();) {
        const auto end = std::min(names.find('\n', at), names.size());
        const std::string name = "/" + names.substr(at, end - at) + "/";
        at = end + 1;
        if (name.starts_with("//") || name.find("/../") != std::string::npos)
            return Error{Errc::bad_argument, archive + " holds a path that leads outside: " + name};
    }
    const auto [complaint, well] =
        output_of({"tar", "-xpf", archive, "-C", folder.string(), "--exclude=./dev/*", "--exclude=dev/*"});
    if (!well)
        return Error{Errc::bad_argument, "tar cannot unpack " + archive + ": " + complaint.substr(0, 200)};
    return Nothing{};
}

std::string digest(const fs::path& folder, std::uint64_t& bytes) {
    std::vector<fs::path> all;
    for (const auto& entry : fs::recursive_directory_iterator(folder)) all.push_back(entry.path());
    std::sort(all.begin(), all.end());
    EVP_MD_CTX* sum = EVP_MD_CTX_new();
    EVP_DigestInit_ex(sum, EVP_sha256(), nullptr);
    const auto add = [&](const std::string& text) { EVP_DigestUpdate(sum, text.data(), text.size()); };
    for (const fs::path& each : all) {
        struct stat facts {};
        if (::lstat(each.c_str(), &facts) != 0) continue;
        add(each.lexically_relative(folder).string() + "\n" + std::to_string(facts.st_mode) + "\n");
        bytes += static_cast<std::uint64_t>(facts.st_blocks) * 512;
        if (S_ISLNK(facts.st_mode)) add(fs::read_symlink(each).string());
        if (!S_ISREG(facts.st_mode)) continue;
        std::ifstream in(each, std::ios::binary);
        add(std::string{std::istreambuf_iterator<char>(in), {}});
    }
    std::string raw(32, '\0');
    EVP_DigestFinal_ex(sum, reinterpret_cast<unsigned char*>(raw.data()), nullptr);
    EVP_MD_CTX_free(sum);
    return hex_text(raw);
}

Result<std::string> fill(const fs::path& folder, const std::string& rootfs) {
    const std::string busybox = find_here("busybox");
    const bool have = is_static(busybox);
    if (rootfs == "busybox" && !have)
        return Error{
            Errc::not_found,
            "there is no static busybox here; install busybox-static, or take --rootfs host"};
    if (rootfs == "busybox" || (rootfs == "auto" && have)) {
        skeleton(folder);
        from_busybox(folder, busybox);
        return std::string("busybox");
    }
    if (rootfs == "host" || rootfs == "auto") {
        skeleton(folder);
        from_host(folder);
        return std::string("host");
    }
    if (fs::is_directory(rootfs)) {
        fs::copy(rootfs, folder, fs::copy_options::recursive | fs::copy_options::copy_symlinks);
        return std::string("folder");
    }
    if (!fs::is_regular_file(rootfs))
        return Error{Errc::not_found, rootfs + " is neither busybox, host, a folder nor an archive"};
    if (const auto unpacked = from_tar(folder, rootfs); !unpacked) return unpacked.error();
    return std::string("tar");
}

}  // namespace

Result<BuiltBase> build_base(const std::string& folder, const std::string& rootfs) {
    std::error_code error;
    if (fs::exists(fs::symlink_status(folder, error)))
        return Error{
            Errc::conflict,
            folder + " exists already; take it down with 'takedown --base', or choose another --base-dir"};
    BuiltBase built;
    try {
        fs::create_directories(folder);
        const auto kind = fill(folder, rootfs);
        if (!kind) {
            fs::remove_all(folder, error);
            return kind.error();
        }
        built.kind = *kind;
        built.sha256 = digest(folder, built.bytes);
        std::ofstream(fs::path(folder) / mark_file) << built.kind << " " << built.sha256 << "\n";
        return built;
    } catch (const fs::filesystem_error& failure) {
        fs::remove_all(folder, error);
        return Error{Errc::io, std::string("cannot build the base: ") + failure.what()};
    }
}

bool is_base(const std::string& folder) {
    return fs::is_regular_file(fs::symlink_status(fs::path(folder) / mark_file));
}

}  // namespace csim
