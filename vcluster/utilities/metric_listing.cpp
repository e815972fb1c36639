#include "vcluster/utilities/metric_listing.hpp"

#include <algorithm>
#include <regex>
#include <sstream>

namespace csim {
namespace {

Json number_or_text(const std::string& text) {
    if (text.empty()) return text;
    char* end = nullptr;
    const long long whole = std::strtoll(text.c_str(), &end, 0);
    if (*end == '\0') return whole;
    const double real = std::strtod(text.c_str(), &end);
    return *end == '\0' ? Json(real) : Json(text);
}

Json value_of(const std::string& type, std::string text) {
    if (type == "char[]" && text.size() >= 2 && text.front() == '"')
        return text.substr(1, text.rfind('"') - 1);
    if (type == "char" && text.size() >= 3) return text.substr(1, 1);
    text = text.substr(0, text.find(' '));
    if (!type.ends_with("[]")) return number_or_text(text);
    Json list = Json::array();
    std::istringstream parts(text);
    for (std::string part; std::getline(parts, part, ',');) list.push_back(number_or_text(part));
    return list;
}

class Reader {
  public:
    Result<MetricListing> read(const std::string& text) {
        std::istringstream lines(text);
        int number = 0;
        for (std::string line; std::getline(lines, line);) {
            ++number;
            while (!line.empty() && line.back() == '\r') line.pop_back();
            if (const auto whole = verdict(line); whole) return *whole;
            if (!take(line))
                return Error{
                    Errc::bad_argument,
                    "line " + std::to_string(number) + " of the listing cannot be understood: " + line};
        }
        return std::move(listing_);
    }

  private:
    static std::optional<Error> verdict(const std::string& line) {
        if (line.starts_with("Connection failed") || line.find("timeout occurred") != std::string::npos)
            return Error{Errc::unreachable, line};
        if (line.find("No metric sets matched") != std::string::npos ||
            line.find("looking up metric set.") != std::string::npos ||
            line.find("lookup failed") != std::string::npos)
            return Error{Errc::not_found, line};
        if (line.find("looking up the metric set directory") != std::string::npos)
            return Error{Errc::unreachable, line};
        return std::nullopt;
    }

    bool take(const std::string& line) {
        static const std::regex rule("[-= ]+"), total("Total Sets:.*"),
            fact("(Hostname|IP Address|Port|Transport) *:.*");
        if (line.empty() || std::regex_match(line, rule) || std::regex_match(line, total) ||
            std::regex_match(line, fact))
            return true;
        if (line.starts_with("Schema ")) {
            digest_ = line.find("Digest") != std::string::npos && line.find("Digest") < line.find("Instance");
            heap_ = line.find("Hsize") != std::string::npos || line.find("HSize") != std::string::npos;
            table_ = true;
            return true;
        }
        return take_header(line) || take_metric(line) || take_old(line) || (table_ && take_row(line)) ||
               take_name(line);
    }

    bool take_header(const std::string& line) {
        static const std::regex header(
            R"((.+): (consistent|inconsistent), last update: (\w{3} \w{3} +\d+ [\d:]{8} \d{4}(?: [-+]\d{4})?)(?: \[(\d+)us\])? ?)"
        );
        std::smatch found;
        if (!std::regex_match(line, found, header)) return false;
        now_ = found[1];
        Json& set = listing_.sets[now_];
        set["name"] = now_;
        set["consistent"] = found[2] == "consistent";
        set["ts"] = found[3].str();
        if (found[4].matched) set["ts_usec"] = std::stol(found[4]);
        set["data"] = Json::object();
        set["data_type"] = Json::object();
        return true;
    }

    bool take_metric(const std::string& line) {
        static const std::regex metric(R"(\s*([MD]) ([a-z]\w*(?:\[\])?) +(\S+) +(.*))");
        std::smatch found;
        if (now_.empty() || !std::regex_match(line, found, metric)) return false;
        listing_.sets[now_]["data"][found[3].str()] = value_of(found[2], found[4]);
        listing_.sets[now_]["data_type"][found[3].str()] = found[2].str();
        return true;
    }

    /// The indented facts of older releases: `Producer Name : x`.
    bool take_old(const std::string& line) {
        static const std::regex fact(R"(\s+([A-Z][\w ]*?) *: ?(.*))"), section(R"(\s+(METADATA|DATA) -+)");
        std::smatch found;
        if (now_.empty()) return false;
        if (std::regex_match(line, found, section)) return true;
        if (!std::regex_match(line, found, fact)) return false;
        listing_.sets[now_]["meta"][found[1].str()] = found[2].str();
        return true;
    }

    bool take_row(const std::string& line) {
        static const std::regex row(
            R"((\S+) +(\S+) +([A-Z ]*?) *(\d+) +(\d+)((?: +\d+)+) +(\S{10}) +(\d+\.\d+) +(\d+\.\d+)(?: +(.*))?)"
        );
        std::string rest = line, digest;
        if (digest_) {
            std::istringstream words(line);
            std::string schema;
            words >> schema >> digest;
            std::getline(words, rest);
            rest = schema + rest;
        }
        std::smatch found;
        if (!std::regex_match(rest, found, row)) return false;
        std::istringstream numbers(found[6].str());
        std::vector<std::string> tail;
        for (std::string each; numbers >> each;) tail.push_back(each);
        if (tail.size() != (heap_ ? 3U : 2U)) return false;
        Json& set = listing_.sets[found[2].str()];
        set["name"] = found[2].str();
        std::string flags = found[3].str();
        std::erase(flags, ' ');
        set["meta"] = {
            {"schema", found[1].str()},
            {"instance", found[2].str()},
            {"flags", flags},
            {"meta_sz", std::stoll(found[4])},
            {"data_sz", std::stoll(found[5])},
            {"uid", std::stoll(tail[heap_ ? 1 : 0])},
            {"gid", std::stoll(tail[heap_ ? 2 : 1])},
            {"perm", found[7].str()},
            {"update", std::stod(found[8])},
            {"duration", std::stod(found[9])},
            {"info", found[10].str()}};
        if (heap_) set["meta"]["heap_sz"] = std::stoll(tail[0]);
        if (digest_) set["meta"]["digest"] = digest;
        return true;
    }

    /// A line of the short form is nothing but a name.
    bool take_name(const std::string& line) {
        if (table_ || !now_.empty() || line.find_first_of(" \t") != std::string::npos) return false;
        listing_.sets[line] = {{"name", line}};
        return true;
    }

    MetricListing listing_;
    std::string now_;
    bool digest_ = false, heap_ = false, table_ = false;
};

}  // namespace

Result<MetricListing> parse_metric_listing(const std::string& text) {
    return Reader().read(text);
}

namespace {

/// What the daemon on `host` tells the service node. Throws Fatal; nothing when no set matched.
MetricListing ask_daemon(Cluster& cluster, const std::string& host, std::initializer_list<std::string> more) {
    const PlannedNode& node = cluster.node(host);
    if (!node.ldmsd || node.ldmsd->listeners.empty())
        throw Fatal(host + " has no metric daemon", cluster_status::invalid);
    const auto& listener = node.ldmsd->listeners[0];
    RunRequest ask;
    ask.command = {
        "ldms_ls",       "-h", node.hostname, "-x", listener.xprt, "-p", std::to_string(listener.port), "-a",
        node.ldmsd->auth};
    ask.command.insert(ask.command.end(), more.begin(), more.end());
    ask.limit = 60s;
    const ExecResult ran = cluster.run(cluster.service_node(), ask);
    auto listing = parse_metric_listing(ran.out);
    if (!listing && listing.error().code == Errc::not_found) return {};
    if (!listing) throw Fatal(host + ": " + listing.error().detail);
    if (ran.status != 0)
        throw Fatal("ldms_ls ended with " + std::to_string(ran.status) + ": " + ran.err + ran.out);
    return std::move(*listing);
}

}  // namespace

std::set<std::string> list_sets(Cluster& cluster, const std::string& host) {
    std::set<std::string> names;
    const MetricListing listing = ask_daemon(cluster, host, {});
    for (const auto& [name, set] : listing.sets.items()) names.insert(name);
    return names;
}

void wait_sets(
    Cluster& cluster, const std::string& host, const std::set<std::string>& expected, Duration limit
) {
    std::set<std::string> seen;
    if (cluster.nodes().until(limit, [&] { return (seen = list_sets(cluster, host)) == expected; })) return;
    std::string text;
    for (const std::string& each : expected)
        if (!seen.contains(each)) text += "\nmissing: " + each;
    for (const std::string& each : seen)
        if (!expected.contains(each)) text += "\nunexpected: " + each;
    throw Fatal(host + " does not list the sets that were expected" + text, cluster_status::timeout);
}

Json wait_metric(
    Cluster& cluster, const std::string& host, const std::string& set, const std::string& metric,
    const std::function<bool(const Json&)>& wanted, Duration limit
) {
    Json value;
    const bool met = cluster.nodes().until(limit, [&] {
        const Json sets = ask_daemon(cluster, host, {"-l", set}).sets;
        const auto found = sets.find(set);
        value = found == sets.end() ? Json() : found->value("data", Json::object()).value(metric, Json());
        return !value.is_null() && wanted(value);
    });
    if (met) return value;
    throw Fatal(
        value.is_null() ? host + " has no metric " + metric + " in " + set
                        : metric + " of " + set + " is still " + value.dump(),
        cluster_status::timeout
    );
}

}  // namespace csim
