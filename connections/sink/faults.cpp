#include "connections/sink/faults.hpp"

#include <charconv>

namespace csim::connections {
namespace {

constexpr std::string_view names[] = {
    "none",
    "reset_at_accept",
    "close_at_accept",
    "garbage_at_accept",
    "hang_in_handshake",
    "expired_certificate",
    "alert_after_handshake",
    "unsolicited",
    "garbage_record",
    "half_close",
    "close_notify",
    "reset",
    "never_answer",
    "oversized_headers",
    "bad_reply",
    "go_away",
    "reset_stream",
    "short_body",
    "key_update",
};

}  // namespace

std::string_view text_of(Fault fault) {
    return names[static_cast<std::size_t>(fault)];
}

const std::vector<Fault>& all_faults() {
    static const std::vector<Fault> all = [] {
        std::vector<Fault> made;
        for (std::size_t i = 1; i < std::size(names); ++i) made.push_back(static_cast<Fault>(i));
        return made;
    }();
    return all;
}

Result<FaultPlan> parse_fault(const std::string& text) {
    const std::size_t equals = text.find('=');
    FaultPlan made;
    if (equals != std::string::npos) {
        const char* begin = text.data() + equals + 1;
        const char* const end = text.data() + text.size();
        const auto parsed = std::from_chars(begin, end, made.share);
        if (parsed.ec != std::errc() || parsed.ptr != end || !(made.share >= 0 && made.share <= 1))
            return Error{Errc::bad_argument, "'" + text + "': the share of connections is between 0 and 1"};
    }
    std::string known;
    for (const Fault each : all_faults()) {
        if (text_of(each) == text.substr(0, equals)) {
            made.fault = each;
            return made;
        }
        known += (known.empty() ? "" : ", ") + std::string(text_of(each));
    }
    return Error{
        Errc::bad_argument, "there is no fault '" + text.substr(0, equals) + "'; there are " + known};
}

}  // namespace csim::connections
