#include "vcluster/host_list.hpp"

#include <cstdlib>

namespace csim {
namespace {

constexpr std::size_t hosts_max = 65536;

void add_ranges(
    const std::string& prefix, const std::string& ranges, const std::string& suffix,
    std::vector<std::string>& all
) {
    for (std::size_t at = 0; at <= ranges.size();) {
        const auto end = std::min(ranges.find(',', at), ranges.size());
        const std::string part = ranges.substr(at, end - at);
        at = end + 1;
        const auto dash = part.find('-');
        const long first = std::atol(part.c_str());
        const long last = dash == std::string::npos ? first : std::atol(part.c_str() + dash + 1);
        const std::size_t width = dash == std::string::npos ? part.size() : dash;
        for (long i = first; i <= last && all.size() < hosts_max; ++i) {
            std::string number = std::to_string(i);
            if (number.size() < width) number.insert(0, width - number.size(), '0');
            all.push_back(prefix + number + suffix);
        }
    }
}

struct Numbered {
    std::string prefix, digits;
};

Numbered split(const std::string& host) {
    const auto last = host.find_last_not_of("0123456789");
    const std::size_t at = last == std::string::npos ? 0 : last + 1;
    return {host.substr(0, at), host.substr(at)};
}

}  // namespace

std::vector<std::string> expand_hosts(const std::string& text) {
    std::vector<std::string> all;
    for (std::size_t at = 0; at < text.size();) {
        std::size_t end = at;
        int depth = 0;
        while (end < text.size() && (depth > 0 || text[end] != ',')) {
            depth += text[end] == '[' ? 1 : text[end] == ']' ? -1 : 0;
            ++end;
        }
        const std::string part = text.substr(at, end - at);
        at = end + 1;
        const auto open = part.find('['), close = part.find(']');
        if (open == std::string::npos || close == std::string::npos || close < open) {
            if (!part.empty()) all.push_back(part);
            continue;
        }
        add_ranges(
            part.substr(0, open), part.substr(open + 1, close - open - 1), part.substr(close + 1), all
        );
    }
    return all;
}

std::string compress_hosts(const std::vector<std::string>& hosts) {
    std::string text;
    for (std::size_t i = 0; i < hosts.size();) {
        const Numbered first = split(hosts[i]);
        std::string ranges;
        std::size_t next = i;
        while (next < hosts.size() && !first.digits.empty()) {
            const Numbered begin = split(hosts[next]);
            if (begin.prefix != first.prefix || begin.digits.empty()) break;
            std::size_t last = next;
            long number = std::atol(begin.digits.c_str());
            while (last + 1 < hosts.size()) {
                const Numbered after = split(hosts[last + 1]);
                const bool follows = after.prefix == first.prefix &&
                                     after.digits.size() >= begin.digits.size() &&
                                     std::atol(after.digits.c_str()) == number + 1;
                if (!follows) break;
                ++last, ++number;
            }
            ranges += (ranges.empty() ? "" : ",") + begin.digits +
                      (last > next ? "-" + split(hosts[last]).digits : "");
            next = last + 1;
        }
        text += text.empty() ? "" : ",";
        if (next > i + 1)
            text += first.prefix + "[" + ranges + "]";
        else
            text += hosts[i], next = i + 1;
        i = next;
    }
    return text;
}

}  // namespace csim
