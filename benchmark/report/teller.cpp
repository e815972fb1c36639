#include "benchmark/report/teller.hpp"

#include <chrono>
#include <cstdio>

namespace csim {

std::string live_line(const Interval& last, const std::string& routine, int width) {
    double deepest = 0;
    for (const auto& [name, queue] : last.queues) deepest = std::max(deepest, queue.messages);
    char line[400];
    std::snprintf(
        line, sizeof line,
        "%s %.0f s [%s] servers %lld sessions %lld  p50 %.1f p99 %.1f ms  errors %.0f  queue %.0f%s%s",
        routine.c_str(), last.at, last.phase.c_str(), static_cast<long long>(last.servers),
        static_cast<long long>(last.sessions), last.p50_ms, last.p99_ms, last.errors + last.timeouts, deepest,
        last.manager.alive ? "" : (last.manager.known ? "  MANAGER GONE" : ""),
        last.valid ? "" : "  (invalid)"
    );
    std::string text = line;
    if (text.size() > static_cast<std::size_t>(width)) text.resize(static_cast<std::size_t>(width));
    return text;
}

Teller::Teller(
    std::ostream& out, bool terminal, std::string routine, std::function<std::optional<Interval>()> last
)
    : out_(out), terminal_(terminal), routine_(std::move(routine)), last_(std::move(last)) {
    if (terminal_) thread_ = std::thread([this] { draw(); });
}

Teller::~Teller() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
        ended_.notify_all();
    }
    if (thread_.joinable()) thread_.join();
    if (terminal_) out_ << "\r\033[K" << std::flush;
}

void Teller::draw() {
    std::unique_lock lock(mutex_);
    while (!ended_.wait_for(lock, std::chrono::seconds(1), [this] { return ending_; }))
        if (const auto last = last_()) out_ << "\r\033[K" << live_line(*last, routine_, 110) << std::flush;
}

void Teller::say(const std::string& line) {
    const std::lock_guard lock(mutex_);
    lines_.push_back(line);
    out_ << (terminal_ ? "\r\033[K" : "") << line << "\n" << std::flush;
}

std::vector<std::string> Teller::lines() const {
    const std::lock_guard lock(mutex_);
    return lines_;
}

}  // namespace csim
