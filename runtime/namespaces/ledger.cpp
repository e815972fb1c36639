#include "runtime/namespaces/ledger.hpp"

#include "core/json_codec.hpp"
#include "runtime/namespaces/process.hpp"

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <sys/random.h>
#include <unistd.h>

namespace csim {

BOOST_DESCRIBE_STRUCT(ChangedSetting, (), (path, before, ours))
BOOST_DESCRIBE_STRUCT(
    Ledger, (), (run, folder, base, purpose, owner_pid, owner_start, kept, nodes, network, settings)
)

bool Ledger::owner_lives() const {
    return owner_pid > 0 && start_ticks(static_cast<pid_t>(owner_pid)) == owner_start && owner_start != 0;
}

void Ledger::own() {
    owner_pid = ::getpid();
    owner_start = start_ticks(::getpid());
}

std::string LedgerFolder::usual_path() {
    const char* chosen = std::getenv("CLUSTER_SIM_RUNS");
    return chosen != nullptr && *chosen != '\0' ? chosen : "/var/lib/cluster-sim/runs";
}

void LedgerFolder::save(const Ledger& ledger) const {
    std::error_code error;
    std::filesystem::create_directories(path_, error);
    const std::string file = file_of(ledger), aside = file + ".new";
    const std::string text = to_json_value(ledger).dump(2) + "\n";
    const int fd = ::open(aside.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const bool written = fd >= 0 &&
                         ::write(fd, text.data(), text.size()) == static_cast<ssize_t>(text.size()) &&
                         ::fsync(fd) == 0;
    const int why = errno;
    if (fd >= 0) ::close(fd);
    if (!written || ::rename(aside.c_str(), file.c_str()) != 0)
        throw Fatal("cannot write the ledger " + file + ": " + std::strerror(written ? errno : why));
}

void LedgerFolder::remove(const Ledger& ledger) const {
    ::unlink(file_of(ledger).c_str());
}

std::vector<Ledger> LedgerFolder::all(std::vector<std::string>* complaints) const {
    std::vector<std::string> files;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(path_, error))
        if (entry.path().extension() == ".json") files.push_back(entry.path().string());
    std::sort(files.begin(), files.end());
    std::vector<Ledger> ledgers;
    for (const std::string& file : files) {
        std::ifstream in(file);
        const std::string text{std::istreambuf_iterator<char>(in), {}};
        const auto json = parse_json(text);
        const auto ledger =
            json ? from_json_value<Ledger>(*json, Strictness::saved) : Result<Ledger>(json.error());
        const bool sound = ledger && ledger->run.size() == 8 &&
                           ledger->run.find_first_not_of("0123456789abcdef") == std::string::npos;
        if (sound) {
            ledgers.push_back(*ledger);
        } else if (complaints != nullptr) {
            complaints->push_back(file + " is not a ledger of this program");
        }
    }
    return ledgers;
}

std::string new_run_id() {
    unsigned char bytes[4] = {};
    if (::getrandom(bytes, sizeof bytes, 0) != sizeof bytes) throw Fatal("the system has no random numbers");
    std::string text;
    for (const unsigned char each : bytes) {
        text += "0123456789abcdef"[each >> 4];
        text += "0123456789abcdef"[each & 15];
    }
    return text;
}

}  // namespace csim
