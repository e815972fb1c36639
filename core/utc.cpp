#include "core/utc.hpp"

#include <cstdio>
#include <optional>

namespace csim {

namespace {

constexpr std::int64_t ns_per_second = 1'000'000'000;

struct Civil {
    int year, month, day, hour, minute, second;
    std::int64_t ns;
};

Civil civil(SimTime at) {
    const std::chrono::sys_time<Duration> instant{Duration(at.unix_ns())};
    const auto midnight = std::chrono::floor<std::chrono::days>(instant);
    const std::chrono::year_month_day date{midnight};
    const std::chrono::hh_mm_ss<Duration> time{instant - midnight};
    return {
        int(date.year()),          int(unsigned(date.month())), int(unsigned(date.day())),
        int(time.hours().count()), int(time.minutes().count()), int(time.seconds().count()),
        time.subseconds().count(),
    };
}

/// `2026-11-21T01:28:12` with the given character between date and time.
std::string seconds_text(const Civil& at, char separator) {
    char text[64];
    std::snprintf(
        text, sizeof text, "%04d-%02d-%02d%c%02d:%02d:%02d", at.year, at.month, at.day, separator, at.hour,
        at.minute, at.second
    );
    return text;
}

std::string fraction_text(std::int64_t count, int digits) {
    char text[32];
    std::snprintf(text, sizeof text, ".%0*lld", digits, static_cast<long long>(count));
    return text;
}

/// Matches `pattern` at the start of `text`: d is a digit, - is - or /, + is + or -, anything else itself.
bool matches(std::string_view text, std::string_view pattern) {
    if (text.size() < pattern.size()) return false;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
        const char c = text[i];
        switch (pattern[i]) {
            case 'd':
                if (c < '0' || c > '9') return false;
                break;
            case '-':
                if (c != '-' && c != '/') return false;
                break;
            case '+':
                if (c != '+' && c != '-') return false;
                break;
            default:
                if (c != pattern[i]) return false;
        }
    }
    return true;
}

std::size_t last_match(std::string_view text, std::string_view pattern) {
    for (std::size_t at = text.size(); at-- > 0;)
        if (matches(text.substr(at), pattern)) return at;
    return std::string_view::npos;
}

int number(std::string_view digits) {
    int value = 0;
    for (const char c : digits) value = value * 10 + (c - '0');
    return value;
}

/// Seconds east of UTC; nullopt if the zone is none that exists.
std::optional<int> zone_seconds(std::string_view text) {
    const std::size_t with_colon = last_match(text, "+dd:dd");
    const std::size_t without = last_match(text, "+dddd");
    constexpr std::size_t none = std::string_view::npos;
    if (with_colon == none && without == none) return 0;
    const bool colon = without == none || (with_colon != none && with_colon > without);
    const std::string_view zone = text.substr(colon ? with_colon : without);
    const int hours = number(zone.substr(1, 2));
    const int minutes = number(zone.substr(colon ? 4 : 3, 2));
    if (hours > 23 || minutes > 59) return {};
    const int seconds = hours * 3600 + minutes * 60;
    return zone[0] == '-' ? -seconds : seconds;
}

/// Nanoseconds of the digits after the last point; nullopt if they are none or too many.
std::optional<std::int64_t> fraction_ns(std::string_view text, std::size_t digits_max) {
    const std::size_t point = text.rfind('.');
    if (point == std::string_view::npos) return 0;
    std::size_t digits = 0;
    std::int64_t ns = 0;
    while (matches(text.substr(point + 1 + digits), "d")) {
        if (++digits > digits_max) return {};
        ns = ns * 10 + (text[point + digits] - '0');
    }
    if (digits == 0) return {};
    for (; digits < 9; ++digits) ns *= 10;
    return ns;
}

Result<SimTime> parse(std::string_view text, std::size_t digits_max) {
    const auto wrong = [](const char* sentence) { return Error{Errc::bad_argument, sentence}; };
    if (text.size() > 256) return wrong("expected an instant, found a text of more than 256 characters");
    constexpr std::size_t none = std::string_view::npos;
    const std::size_t date_at = last_match(text, "dddd-dd-dd");
    const std::size_t time_at = last_match(text, "dd:dd:dd");
    if (date_at == none && time_at == none) return wrong("expected an instant such as 2026-11-21T01:28:12Z");

    std::chrono::year_month_day date{std::chrono::year(1900), std::chrono::month(1), std::chrono::day(1)};
    if (date_at != none) {
        const std::string_view found = text.substr(date_at, 10);
        const auto month = unsigned(number(found.substr(5, 2)));
        const auto day = unsigned(number(found.substr(8, 2)));
        date =
            std::chrono::year(number(found.substr(0, 4))) / std::chrono::month(month) / std::chrono::day(day);
    }
    if (!date.ok()) return wrong("expected a date that exists");
    std::int64_t seconds = std::chrono::sys_days(date).time_since_epoch().count() * std::int64_t(86'400);
    if (time_at != none) {
        const std::string_view found = text.substr(time_at, 8);
        const int hour = number(found.substr(0, 2)), minute = number(found.substr(3, 2)),
                  second = number(found.substr(6, 2));
        if (hour > 23 || minute > 59 || second > 59) return wrong("expected a time of day that exists");
        seconds += hour * 3600 + minute * 60 + second;
    }
    const auto zone = zone_seconds(text);
    if (!zone) return wrong("expected an offset from UTC that exists");
    const auto fraction = fraction_ns(text, digits_max);
    if (!fraction)
        return wrong(
            digits_max == 6 ? "expected one to six digits after the point of the seconds"
                            : "expected one to nine digits after the point of the seconds"
        );
    std::int64_t ns = 0;
    if (__builtin_mul_overflow(seconds - *zone, ns_per_second, &ns) ||
        __builtin_add_overflow(ns, *fraction, &ns))
        return wrong("expected an instant between the years 1678 and 2262");
    return SimTime::from_unix_ns(ns);
}

}  // namespace

std::string utc_text(SimTime at) {
    const Civil c = civil(at);
    return seconds_text(c, 'T') + fraction_text(c.ns / 1000, 6) + "+00:00";
}

std::string utc_text_z(SimTime at) {
    return utc_text(at) + "Z";
}

std::string utc_text_bare(SimTime at) {
    const Civil c = civil(at);
    return seconds_text(c, 'T') + (c.ns / 1000 == 0 ? "" : fraction_text(c.ns / 1000, 6));
}

std::string utc_text_seconds(SimTime at) {
    return seconds_text(civil(at), ' ') + "+00:00";
}

std::string utc_text_exact(SimTime at) {
    const Civil c = civil(at);
    if (c.ns % 1000 == 0) return utc_text(at);
    return seconds_text(c, 'T') + fraction_text(c.ns, 9) + "+00:00";
}

Result<SimTime> parse_utc(std::string_view text) {
    return parse(text, 6);
}

Result<SimTime> parse_utc_exact(std::string_view text) {
    return parse(text, 9);
}

}  // namespace csim
