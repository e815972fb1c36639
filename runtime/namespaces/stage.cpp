#include "runtime/namespaces/stage.hpp"

#include "runtime/namespaces/process.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <poll.h>
#include <set>
#include <sstream>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

namespace csim {
namespace {

/// Blanks and such are written as three octal digits there.
std::string unescaped(const std::string& text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\' && i + 3 < text.size()) {
            plain += static_cast<char>(std::strtol(text.substr(i + 1, 3).c_str(), nullptr, 8));
            i += 3;
        } else {
            plain += text[i];
        }
    }
    return plain;
}

bool is_ours(const Mount& mount, const std::string& label) {
    return mount.type == "tmpfs" && mount.source == label;
}

std::string value_of(const std::string& path) {
    std::ifstream in(path);
    std::string value;
    std::getline(in, value);
    return value;
}

void kill_marked(const std::string& run, std::int64_t end, Removed& removed) {
    std::set<pid_t> seen;
    for (;;) {
        std::vector<NodeProcess> alive;
        for (const MarkedProcess& marked : marked_processes(run)) {
            NodeProcess process = open_marked(marked);
            if (!process) continue;
            process.signal(SIGKILL);
            seen.insert(process.pid());
            alive.push_back(std::move(process));
        }
        if (alive.empty()) break;
        for (const NodeProcess& each : alive) {
            const auto left = std::max<std::int64_t>(end - monotonic_ns(), 0);
            if (each.wait(Duration(left))) continue;
            removed.kept.push_back(
                "process " + std::to_string(each.pid()) + " does not end; it waits in " +
                wait_channel(each.pid())
            );
        }
        if (monotonic_ns() >= end) break;
    }
    removed.processes += seen.size();
}

void unmount(const Mount& mount, std::int64_t end, Removed& removed) {
    while (::umount2(mount.path.c_str(), UMOUNT_NOFOLLOW) != 0) {
        if (errno != EBUSY || monotonic_ns() > end) {
            removed.kept.push_back("the mount " + mount.path + " stays: " + std::strerror(errno));
            return;
        }
        ::poll(nullptr, 0, 10);
    }
    ++removed.mounts;
}

void unmount_labelled(const std::string& label, std::int64_t end, Removed& removed) {
    auto all = mounts();
    std::reverse(all.begin(), all.end());
    for (const Mount& mount : all)
        if (is_ours(mount, label)) unmount(mount, end, removed);
}

void restore(const Ledger& ledger, Removed& removed) {
    for (const ChangedSetting& each : ledger.settings) {
        if (value_of(each.path) != each.ours) continue;
        std::ofstream(each.path) << each.before << "\n";
        ++removed.settings;
    }
}

}  // namespace

std::vector<Mount> mounts() {
    std::vector<Mount> all;
    std::ifstream in("/proc/self/mounts");
    for (std::string line; std::getline(in, line);) {
        std::istringstream words(line);
        std::string source, path, type;
        words >> source >> path >> type;
        all.push_back({unescaped(path), type, unescaped(source)});
    }
    return all;
}

void set_the_stage(
    const Ledger& ledger, const LedgerFolder& ledgers, const std::string& size, std::uint64_t inodes
) {
    const std::string& folder = ledger.folder;
    if (size.find_first_not_of("0123456789kKmMgG%") != std::string::npos)
        throw Fatal("cannot mount a tmpfs of " + size + ": a size is a number with k, m, g or %");
    for (const Mount& mount : mounts())
        if (mount.path == folder)
            throw Fatal(
                folder + " is a mount already (" + mount.type + " of " + mount.source +
                "); take it down or choose another --exp"
            );
    std::error_code error;
    if (std::filesystem::exists(std::filesystem::symlink_status(folder, error)) &&
        !(std::filesystem::is_directory(std::filesystem::symlink_status(folder, error)) &&
          std::filesystem::is_empty(folder, error)))
        throw Fatal(folder + " exists and is not an empty folder; choose another --exp");
    ledgers.save(ledger);
    const bool made = std::filesystem::create_directory(folder, error);
    const std::string options =
        "mode=755,size=" + size + (inodes == 0 ? "" : ",nr_inodes=" + std::to_string(inodes));
    if (!error && ::mount(ledger.label().c_str(), folder.c_str(), "tmpfs", MS_NOSUID, options.c_str()) == 0)
        return;
    const std::string why = error ? error.message() : std::strerror(errno);
    if (made) ::rmdir(folder.c_str());
    ledgers.remove(ledger);
    throw Fatal("cannot mount a tmpfs of " + size + " on " + folder + ": " + why);
}

Result<Ledger> find_stage(const std::string& folder, const LedgerFolder& ledgers) {
    for (const Ledger& ledger : ledgers.all()) {
        if (ledger.folder != folder) continue;
        for (const Mount& mount : mounts())
            if (mount.path == folder && is_ours(mount, ledger.label())) return ledger;
    }
    for (const Mount& mount : mounts())
        if (mount.path == folder)
            return Error{
                Errc::conflict, folder + " is a mount that does not bear our mark; it is left alone"};
    return Error{Errc::not_found, "nothing of ours stands at " + folder};
}

Removed take_down(const Ledger& ledger, const LedgerFolder& ledgers, Duration limit) {
    Removed removed;
    const std::int64_t end = monotonic_ns() + limit.count();
    kill_marked(ledger.run, end, removed);
    unmount_labelled(ledger.label(), end, removed);
    struct stat facts {};
    const bool folder = ::lstat(ledger.folder.c_str(), &facts) == 0 && S_ISDIR(facts.st_mode);
    if (folder && removed.kept.empty() && ::rmdir(ledger.folder.c_str()) == 0) ++removed.folders;
    restore(ledger, removed);
    if (!removed.kept.empty()) return removed;
    ledgers.remove(ledger);
    ++removed.ledgers;
    return removed;
}

Removed remove_leftovers(const LedgerFolder& ledgers, bool all, Duration limit) {
    Removed sum;
    const auto add = [&sum](const Removed& part) {
        sum.processes += part.processes, sum.mounts += part.mounts, sum.folders += part.folders;
        sum.settings += part.settings, sum.ledgers += part.ledgers;
        sum.kept.insert(sum.kept.end(), part.kept.begin(), part.kept.end());
    };
    for (const Ledger& ledger : ledgers.all()) {
        if (!ledger.owner_lives() && (!ledger.kept || all)) add(take_down(ledger, ledgers, limit));
    }
    return sum;
}

}  // namespace csim
