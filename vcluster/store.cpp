#include "vcluster/store.hpp"

#include "core/json_codec.hpp"
#include "runtime/namespaces/process.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <pthread.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace csim {

BOOST_DESCRIBE_STRUCT(RecordedNode, (), (hostname, aliases, address, started))
BOOST_DESCRIBE_STRUCT(
    ClusterRecord, (),
    (version, name, backend, state, spec, created, owner, owner_pid, owner_start, nodes, secrets, failure,
     place)
)

namespace {

namespace fs = std::filesystem;

void write_all(int fd, const std::string& text, const std::string& path) {
    for (std::size_t at = 0; at < text.size();) {
        const auto n = ::write(fd, text.data() + at, text.size() - at);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) throw Fatal("cannot write " + path + ": " + std::strerror(errno));
        at += static_cast<std::size_t>(n);
    }
    if (::fsync(fd) != 0) throw Fatal("cannot write " + path + ": " + std::strerror(errno));
}

struct Fd {
    int number;
    ~Fd() {
        if (number >= 0) ::close(number);
    }
};

std::string text_of_file(const std::string& path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

}  // namespace

bool ClusterRecord::owner_lives() const {
    // One that nobody has reaped yet works no more.
    const std::string stat = text_of_file("/proc/" + std::to_string(owner_pid) + "/stat");
    if (stat.find(") Z ") != std::string::npos) return false;
    return owner_pid > 0 && start_ticks(static_cast<pid_t>(owner_pid)) == owner_start && owner_start != 0;
}

void ClusterRecord::own() {
    owner_pid = ::getpid();
    owner_start = start_ticks(::getpid());
}

std::string ClusterStore::usual_path() {
    if (const char* given = std::getenv("CLUSTER_SIM_VCLUSTERS"); given != nullptr && *given != '\0')
        return given;
    if (::geteuid() == 0) return "/var/lib/cluster-sim/vclusters";
    if (const char* state = std::getenv("XDG_STATE_HOME"); state != nullptr && *state == '/')
        return std::string(state) + "/cluster-sim/vclusters";
    const char* home = std::getenv("HOME");
    return std::string(home != nullptr ? home : "/tmp") + "/.local/state/cluster-sim/vclusters";
}

ClusterStore::ClusterStore(std::string path) : path_(std::move(path)) {
    std::error_code error;
    path_ = fs::absolute(path_, error).lexically_normal().string();
    while (path_.size() > 1 && path_.ends_with("/")) path_.pop_back();
}

Result<ClusterRecord> ClusterStore::load(const std::string& name) const {
    const std::string path = folder_of(name) + "/record.json";
    if (name.empty() || name.find('/') != std::string::npos || !fs::is_regular_file(path))
        return Error{
            Errc::not_found, "there is no cluster '" + name + "'; 'cluster-sim vcluster list' lists them"};
    const auto json = parse_json(text_of_file(path));
    if (!json) return Error{Errc::corrupt, path + ": " + json.error().detail};
    auto record = from_json_value<ClusterRecord>(*json, Strictness::saved);
    if (!record) return Error{Errc::corrupt, path + ": " + record.error().detail};
    return std::move(*record);
}

void ClusterStore::save(const ClusterRecord& record) const {
    const std::string folder = folder_of(record.name), path = folder + "/record.json", fresh = path + ".new";
    std::error_code error;
    fs::create_directories(folder, error);
    if (error) throw Fatal("cannot make " + folder + ": " + error.message());
    ::chmod(folder.c_str(), 0700);
    {
        const Fd fd{::open(fresh.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600)};
        if (fd.number < 0) throw Fatal("cannot write " + fresh + ": " + std::strerror(errno));
        write_all(fd.number, to_json_value(record).dump(2) + "\n", fresh);
    }
    if (::rename(fresh.c_str(), path.c_str()) != 0)
        throw Fatal("cannot write " + path + ": " + std::strerror(errno));
    const Fd parent{::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)};
    ::fsync(parent.number);
}

// The record goes last, so that what is removed in the middle is still known.
void ClusterStore::forget(const std::string& name) const {
    std::error_code error;
    const std::string folder = folder_of(name);
    for (const char* each : {"/journal.jsonl", "/record.json.new", "/record.json", "/lock"})
        fs::remove(folder + each, error);
    fs::remove(folder, error);
}

std::vector<ClusterRecord> ClusterStore::all(std::vector<std::string>* complaints) const {
    std::map<std::string, ClusterRecord> sorted;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(path_, error)) {
        if (!fs::exists(entry.path() / "record.json")) continue;
        auto record = load(entry.path().filename().string());
        if (record)
            sorted[record->name] = std::move(*record);
        else if (complaints != nullptr)
            complaints->push_back(record.error().detail);
    }
    std::vector<ClusterRecord> records;
    for (auto& [name, record] : sorted) records.push_back(std::move(record));
    return records;
}

std::vector<Json> ClusterStore::journal(const std::string& name) const {
    std::vector<Json> lines;
    std::ifstream in(folder_of(name) + "/journal.jsonl", std::ios::binary);
    for (std::string line; std::getline(in, line);) {
        // A last line without its end was being written when the machine stopped.
        if (in.eof()) break;
        Json json = Json::parse(line, nullptr, false);
        if (json.is_discarded())
            throw Fatal("the journal of '" + name + "' is damaged; 'vcluster remove' removes the cluster");
        lines.push_back(std::move(json));
    }
    return lines;
}

void ClusterStore::Journal::commit() {
    if (lines_.empty()) return;
    const Fd fd{::open(file_.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600)};
    if (fd.number < 0) throw Fatal("cannot write " + file_ + ": " + std::strerror(errno));
    write_all(fd.number, std::exchange(lines_, {}), file_);
}

namespace {

extern "C" void csim_lock_timed_out(int) {}

}  // namespace

// Blocks in flock(); a timer's signal interrupts it when the limit has passed.
ClusterLock::ClusterLock(const ClusterStore& store, const std::string& name, int limit_ms) {
    std::error_code error;
    fs::create_directories(store.folder_of(name), error);
    const std::string path = store.folder_of(name) + "/lock";
    fd_ = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd_ < 0) throw Fatal("cannot open " + path + ": " + std::strerror(errno), 5);
    if (::flock(fd_, LOCK_EX | LOCK_NB) == 0) return;
    struct sigaction action {
    }, before{};
    action.sa_handler = csim_lock_timed_out;
    ::sigaction(SIGALRM, &action, &before);
    sigevent event{};
    event.sigev_notify = SIGEV_THREAD_ID;
    event._sigev_un._tid = ::gettid();
    event.sigev_signo = SIGALRM;
    timer_t timer{};
    ::timer_create(CLOCK_MONOTONIC, &event, &timer);
    sigset_t mask, old_mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGALRM);
    ::pthread_sigmask(SIG_UNBLOCK, &mask, &old_mask);
    const itimerspec span{{0, 50'000'000}, {limit_ms / 1000, limit_ms % 1000 * 1'000'000L}};
    ::timer_settime(timer, 0, &span, nullptr);
    const bool got = ::flock(fd_, LOCK_EX) == 0;
    ::timer_delete(timer);
    ::pthread_sigmask(SIG_SETMASK, &old_mask, nullptr);
    ::sigaction(SIGALRM, &before, nullptr);
    if (got) return;
    ::close(std::exchange(fd_, -1));
    throw Fatal("another command has been at work on the cluster '" + name + "' for too long", 6);
}

ClusterLock::~ClusterLock() {
    if (fd_ >= 0) ::close(fd_);
}

}  // namespace csim
