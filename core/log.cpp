#include "core/log.hpp"

#include "core/result.hpp"
#include "core/timeline.hpp"
#include "core/utc.hpp"

#include <spdlog/logger.h>
#include <spdlog/pattern_formatter.h>
#include <spdlog/sinks/null_sink.h>
#include <spdlog/sinks/ostream_sink.h>
#include <spdlog/sinks/stdout_sinks.h>

#include <array>
#include <thread>

namespace csim {

namespace {

/// `%*` in the pattern: simulated time on the world's thread, the wall's elsewhere.
class SimulatedTimeFlag final : public spdlog::custom_flag_formatter {
  public:
    explicit SimulatedTimeFlag(const Timeline& timeline)
        : timeline_(timeline), home_(std::this_thread::get_id()) {}

    void format(const spdlog::details::log_msg& message, const std::tm&, spdlog::memory_buf_t& out) override {
        const auto logged = std::chrono::duration_cast<Duration>(message.time.time_since_epoch());
        const SimTime at =
            std::this_thread::get_id() == home_ ? timeline_.now() : SimTime::from_unix_ns(logged.count());
        const std::string text = utc_text(at);
        out.append(text.data(), text.data() + text.find('+'));
    }

    std::unique_ptr<custom_flag_formatter> clone() const override {
        auto copy = std::make_unique<SimulatedTimeFlag>(timeline_);
        copy->home_ = home_;
        return copy;
    }

  private:
    const Timeline& timeline_;
    std::thread::id home_;
};

spdlog::level::level_enum level_named(std::string_view name) {
    using namespace spdlog::level;
    static constexpr std::array<std::pair<std::string_view, level_enum>, 7> levels{{
        {"trace", trace},
        {"debug", debug},
        {"info", info},
        {"warning", warn},
        {"error", err},
        {"critical", critical},
        {"off", off},
    }};
    for (const auto& [known, level] : levels)
        if (known == name) return level;
    throw Fatal(
        "log level \"" + std::string(name) +
            "\" does not exist; use trace, debug, info, warning, error, critical or off",
        2
    );
}

std::shared_ptr<spdlog::logger> make(
    const std::string& name, const Timeline& timeline, std::string_view level, spdlog::sink_ptr sink
) {
    auto log = std::make_shared<spdlog::logger>(name, std::move(sink));
    auto formatter = std::make_unique<spdlog::pattern_formatter>();
    formatter->add_flag<SimulatedTimeFlag>('*', timeline).set_pattern("%* %-7l %-9n %v");
    log->set_formatter(std::move(formatter));
    log->set_level(level_named(level));
    log->flush_on(spdlog::level::warn);
    return log;
}

}  // namespace

std::shared_ptr<spdlog::logger> make_log(
    const std::string& name, const Timeline& timeline, std::string_view level
) {
    return make(name, timeline, level, std::make_shared<spdlog::sinks::stderr_sink_mt>());
}

std::shared_ptr<spdlog::logger> make_log(
    const std::string& name, const Timeline& timeline, std::string_view level, std::ostream& out
) {
    return make(name, timeline, level, std::make_shared<spdlog::sinks::ostream_sink_st>(out));
}

std::shared_ptr<spdlog::logger> silent_log() {
    auto log = std::make_shared<spdlog::logger>("silent", std::make_shared<spdlog::sinks::null_sink_mt>());
    log->set_level(spdlog::level::off);
    return log;
}

}  // namespace csim
