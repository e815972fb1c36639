// What was typed, as a plan.
#include "apps/cluster_sim_benchmark/mass_options.hpp"
#include "core/duration_text.hpp"

#include <arpa/inet.h>
#include <charconv>
#include <cmath>

namespace csim {
namespace {

using namespace connections;

constexpr std::uint64_t connections_max = 10'000'000;
constexpr std::size_t sources_max = 4096;

[[noreturn]] void refuse(const std::string& sentence) {
    throw Fatal(sentence, 2);
}

double number(const std::string& option, const std::string& text) {
    double value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
        refuse(option + " '" + text + "' is not a number");
    return value;
}

std::uint64_t count(const std::string& option, std::string text) {
    double factor = 1;
    if (!text.empty() && text.back() == 'k') factor = 1e3;
    if (!text.empty() && text.back() == 'M') factor = 1e6;
    const std::string typed = text;
    if (factor > 1) text.pop_back();
    const double value = number(option, text) * factor;
    if (value < 1 || value > static_cast<double>(connections_max) || value != std::floor(value))
        refuse(option + " " + typed + " is not between 1 and 10M");
    return static_cast<std::uint64_t>(value);
}

Duration span(const std::string& option, const std::string& text) {
    const auto parsed = parse_duration(text);
    if (!parsed) refuse(option + " '" + text + "': " + parsed.error().detail);
    if (*parsed < Duration(0)) refuse(option + " '" + text + "' is negative");
    return *parsed;
}

/// Text before and after the first `mark`.
std::pair<std::string, std::string> split(const std::string& text, const std::string& mark) {
    const std::size_t at = text.find(mark);
    if (at == std::string::npos) return {text, ""};
    return {text.substr(0, at), text.substr(at + mark.size())};
}

void set_ramp(Plan& plan, const std::string& text) {
    if (text == "max") {
        plan.ramp_rate = 0;
    } else if (text.ends_with("/s") || text.find_first_not_of("0123456789.") == std::string::npos) {
        plan.ramp_rate = number("--ramp", split(text, "/s").first);
        if (plan.ramp_rate <= 0)
            refuse("--ramp " + text + " makes no connections; give a rate above 0, a time, or max");
    } else {
        const Duration whole = span("--ramp", text);
        if (whole <= Duration(0))
            refuse("--ramp " + text + " is no time; give a rate, a time above 0, or max");
        plan.ramp_rate = static_cast<double>(plan.connections) * 1e9 / static_cast<double>(whole.count());
    }
}

void set_schedule(Plan& plan, const std::string& text) {
    const auto [kind, value] = split(text, ":");
    if (kind == "none" && value.empty()) {
        plan.cadence = Cadence::none;
        return;
    }
    if (kind == "rate") {
        const double rate = number("--schedule", split(value, "/s").first);
        if (rate <= 0 || rate > 1e9)
            refuse("--schedule " + text + ": the rate is between 0 and 1e9 a second");
        plan.cadence = Cadence::rate;
        plan.period = Duration(static_cast<std::int64_t>(1e9 / rate));
        return;
    }
    if (kind == "think") {
        const auto [low, high] = split(value, "..");
        plan.cadence = Cadence::think;
        plan.period = span("--schedule", low);
        plan.period_high = high.empty() ? plan.period : span("--schedule", high);
        if (plan.period_high < plan.period)
            refuse("--schedule " + text + ": the second time is shorter than the first");
        return;
    }
    if (kind != "constant" && kind != "poisson")
        refuse(
            "--schedule '" + text + "' is none of constant:PERIOD, poisson:MEAN, rate:N, think:SPAN, none"
        );
    plan.cadence = kind == "constant" ? Cadence::constant : Cadence::poisson;
    plan.period = span("--schedule", value);
    if (plan.period < std::chrono::milliseconds(1))
        refuse("--schedule " + text + ": the period is at least 1ms");
}

void set_backoff(Plan& plan, const std::string& text) {
    auto [range, rest] = split(text, ",");
    const auto [low, high] = split(range, "..");
    plan.backoff_low = span("--backoff", low);
    plan.backoff_high = high.empty() ? plan.backoff_low : span("--backoff", high);
    if (plan.backoff_high < plan.backoff_low) refuse("--backoff " + text + ": MAX is shorter than MIN");
    while (!rest.empty()) {
        const auto [word, more] = split(rest, ",");
        const auto [name, value] = split(word, "=");
        rest = more;
        if (name == "factor") {
            plan.backoff_factor = number("--backoff", value);
            if (plan.backoff_factor < 1 || plan.backoff_factor > 100)
                refuse("--backoff: the factor is between 1 and 100");
        } else if (name == "jitter" && (value == "full" || value == "equal" || value == "none")) {
            plan.backoff_jitter = value == "full"    ? Jitter::full
                                  : value == "equal" ? Jitter::equal
                                                     : Jitter::none;
        } else {
            refuse("--backoff '" + word + "' is neither factor=F nor jitter=full|equal|none");
        }
    }
}

void set_reconnect(Plan& plan, const std::string& text) {
    plan.reconnect = text == "always"  ? Reconnect::always
                     : text == "never" ? Reconnect::never
                                       : Reconnect::limited;
    if (plan.reconnect != Reconnect::limited) return;
    const double limit = number("--reconnect", text);
    if (limit < 0 || limit > 250 || limit != std::floor(limit))
        refuse("--reconnect " + text + " is not always, never or a number up to 250");
    plan.reconnect_limit = static_cast<unsigned>(limit);
}

void add_sources(Plan& plan, const std::string& text) {
    const auto [first, last] = split(text, "-");
    in_addr low{}, high{};
    in6_addr six{};
    if (inet_pton(AF_INET6, text.c_str(), &six) == 1) {
        plan.sources.push_back(text);
        return;
    }
    if (inet_pton(AF_INET, first.c_str(), &low) != 1 ||
        (!last.empty() && inet_pton(AF_INET, last.c_str(), &high) != 1))
        refuse("--source '" + text + "' is not an address, nor two IPv4 addresses with a dash between them");
    const std::uint32_t from = ntohl(low.s_addr), to = last.empty() ? from : ntohl(high.s_addr);
    if (to < from || to - from >= sources_max)
        refuse("--source " + text + " is not a range of up to 4096 addresses");
    for (std::uint32_t each = from; each <= to; ++each) {
        char name[INET_ADDRSTRLEN] = "";
        const in_addr address{htonl(each)};
        inet_ntop(AF_INET, &address, name, sizeof name);
        plan.sources.emplace_back(name);
    }
}

/// A port range in a URL is a target for each port.
void add_target(Plan& plan, const std::string& url) {
    const std::size_t slash = url.find('/', 8);
    const std::string head = url.substr(0, slash), path = slash == std::string::npos ? "" : url.substr(slash);
    const std::size_t colon = head.rfind(':'), dash = head.find('-', colon);
    unsigned low = 0, high = 0;
    if (colon != std::string::npos && colon > 6 && dash != std::string::npos) {
        const char* const text = head.data();
        const auto a = std::from_chars(text + colon + 1, text + dash, low);
        const auto b = std::from_chars(text + dash + 1, text + head.size(), high);
        const bool well =
            a.ec == std::errc() && b.ec == std::errc() && a.ptr == text + dash && b.ptr == text + head.size();
        if (!well || low < 1 || high > 65535 || high < low || high - low >= 4096)
            refuse("'" + url + "' has no range of up to 4096 ports");
    }
    for (unsigned port = low; port <= high; ++port) {
        const auto target =
            parse_target(low == 0 ? url : head.substr(0, colon + 1) + std::to_string(port) + path);
        if (!target) refuse(target.error().detail);
        auto found = resolved(*target);
        if (!found) throw Fatal(found.error().detail);
        plan.targets.push_back(std::move(*found));
    }
}

std::pair<std::string, std::string> pair_of_files(const std::string& option, const std::string& text) {
    const auto files = split(text, ",");
    if (files.first.empty() || files.second.empty()) refuse(option + " '" + text + "' is not CERT,KEY");
    return files;
}

bool is_private(const std::string& address) {
    in_addr four{};
    if (inet_pton(AF_INET, address.c_str(), &four) == 1) {
        const std::uint32_t a = ntohl(four.s_addr);
        return a >> 24 == 127 || a >> 24 == 10 || a >> 20 == 0xac1 || a >> 16 == 0xc0a8 || a >> 16 == 0xa9fe;
    }
    return address == "::1" || address.starts_with("fc") || address.starts_with("fd") ||
           address.starts_with("fe80");
}

bool is_loopback_only(const Plan& plan) {
    for (const Target& target : plan.targets)
        for (const std::string& each : target.addresses)
            if (!each.starts_with("127.")) return false;
    return true;
}

}  // namespace

Plan plan_of(const MassOptions& o, std::uint64_t seed) {
    Plan plan = o.plan;
    plan.seed = seed;
    plan.connections = count("--connections", o.connections);
    if (o.targets.empty()) refuse("name a target: https://HOST[:PORT][/PATH]");
    for (const std::string& each : o.targets) add_target(plan, each);
    for (const Target& each : plan.targets)
        for (const std::string& address : each.addresses)
            if (!is_private(address) && !o.may_load)
                refuse(
                    each.host +
                    " is neither on this machine nor in a private network: give --i_may_load_this_target if "
                    "it is yours to load"
                );
    set_ramp(plan, o.ramp);
    set_schedule(plan, o.schedule);
    set_backoff(plan, o.backoff);
    set_reconnect(plan, o.reconnect);
    for (const std::string& each : o.sources) add_sources(plan, each);
    // Any address of 127/8 may be bound; one for each 20,000 connections leaves room in the range of ports.
    if (plan.sources.empty() && is_loopback_only(plan))
        for (std::uint64_t k = 0; k <= plan.connections / 20'000 && k < sources_max; ++k)
            plan.sources.push_back("127.1." + std::to_string(k / 250) + "." + std::to_string(1 + k % 250));
    plan.protocol = o.protocol == "h2" ? Protocol::h2 : o.protocol == "h1" ? Protocol::h1 : Protocol::any;
    plan.hibernate = o.hibernate == "never"    ? Hibernate::never
                     : o.hibernate == "always" ? Hibernate::always
                                               : Hibernate::automatic;
    plan.resume = o.resume == "own" ? Resume::own : o.resume == "shared" ? Resume::shared : Resume::off;
    if (plan.resume == Resume::shared && !o.identity_ca.empty())
        refuse(
            "--resume shared with --identity_ca: a continued session has the certificate of its first "
            "connection; give --resume own"
        );
    plan.phase = o.phase == "random" ? Phase::random : o.phase == "aligned" ? Phase::aligned : Phase::spread;
    plan.closing = o.closing == "rst" ? Closing::rst : o.closing == "fin" ? Closing::fin : Closing::graceful;
    plan.first_at_once = o.first_request == "immediate";
    set_request(plan, o);
    plan.verify = o.verify == "full";
    plan.tls_min = o.tls_min == "1.3" ? 0x0304 : 0x0303;
    plan.tls_max = o.tls_max == "1.2" ? 0x0303 : 0x0304;
    if (plan.tls_min > plan.tls_max) refuse("--tls_min is above --tls_max");
    if (o.client_cert != "none")
        std::tie(plan.certificate_file, plan.key_file) = pair_of_files("--client_cert", o.client_cert);
    if (!o.identity_ca.empty())
        std::tie(plan.identity_ca_certificate, plan.identity_ca_key) =
            pair_of_files("--identity_ca", o.identity_ca);
    return plan;
}

}  // namespace csim
