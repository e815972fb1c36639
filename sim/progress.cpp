#include "sim/progress.hpp"

#include <cstdlib>
#include <iomanip>
#include <sstream>
#include <string_view>
#include <unistd.h>
#include <utility>

namespace csim {
namespace {

constexpr int bar_width = 30;

double seconds(Duration span) {
    return std::chrono::duration<double>(span).count();
}

}  // namespace

Progress::Progress(std::ostream& out, bool terminal, std::string label, std::uint64_t total)
    : out_(out), terminal_(terminal), label_(std::move(label)), total_(total) {}

std::string Progress::line(std::uint64_t done, Duration elapsed) const {
    std::ostringstream text;
    text << label_ << " ";
    if (terminal_ && total_ > 0) {
        const auto filled = static_cast<int>(bar_width * done / total_);
        text << "[" << std::string(filled, '#') << std::string(bar_width - filled, '.') << "] ";
    }
    text << done << "/" << total_;
    const double rate = elapsed.count() > 0 ? static_cast<double>(done) / seconds(elapsed) : 0;
    if (done > 0 && done < total_ && rate > 0) {
        text << std::fixed << std::setprecision(0) << "  " << rate << "/s, "
             << static_cast<double>(total_ - done) / rate << " s left";
    }
    return text.str();
}

void Progress::show(std::uint64_t done, Duration elapsed) {
    if (finished_) return;
    if (terminal_) {
        out_ << "\r" << line(done, elapsed) << "\033[K" << std::flush;
        return;
    }
    const std::uint64_t tenths = total_ == 0 ? 10 : done * 10 / total_;
    if (tenths <= tenths_shown_) return;
    tenths_shown_ = tenths;
    out_ << line(done, elapsed) << std::endl;
}

void Progress::finish(const std::string& sentence) {
    if (finished_) return;
    finished_ = true;
    out_ << (terminal_ ? "\r" : "") << sentence << (terminal_ ? "\033[K" : "") << std::endl;
}

bool stderr_is_terminal() {
    const char* kind = std::getenv("TERM");
    return isatty(STDERR_FILENO) == 1 && kind != nullptr && std::string_view(kind) != "dumb";
}

}  // namespace csim
