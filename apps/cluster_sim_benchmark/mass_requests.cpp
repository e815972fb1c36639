// What is asked, as a part of the plan.
#include "apps/cluster_sim_benchmark/mass_options.hpp"
#include "connections/http/h1_reply.hpp"
#include "connections/http/request_text.hpp"

#include <fstream>
#include <sstream>
#include <tuple>

namespace csim {
namespace {

using namespace connections;

[[noreturn]] void refuse(const std::string& sentence) {
    throw Fatal(sentence, 2);
}

/// Text before and after the first colon.
std::pair<std::string, std::string> split(const std::string& text) {
    const std::size_t at = text.find(':');
    if (at == std::string::npos) return {text, ""};
    return {text.substr(0, at), text.substr(at + 1)};
}

constexpr std::size_t request_file_max = 16u << 20;

void read_request_file(Plan& plan, const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    if (!file || !(text << file.rdbuf()) || text.view().size() > request_file_max)
        refuse("--request_file " + path + " is not a file of up to 16 MB that can be read");
    auto parts = parse_request_file(text.view());
    if (!parts) refuse("--request_file " + path + ": " + parts.error().detail);
    if (!plan.body.empty()) refuse("give a --body or a --request_file, not both");
    plan.method = parts->method;
    plan.path = parts->path;
    plan.body = parts->body;
    plan.headers.insert(plan.headers.end(), parts->fields.begin(), parts->fields.end());
}

void check_places(const std::string& option, const std::string& text) {
    const auto parsed = FilledText::parse(text, true);
    if (!parsed) refuse(option + ": " + parsed.error().detail);
}

void check_headers(const Plan& plan) {
    const auto bad = [](const std::string& text) {
        return text.find_first_of(std::string("\r\n\0", 3)) != std::string::npos;
    };
    for (const std::string& each : plan.headers) {
        const auto [name, value] = split(each);
        check_places("the field '" + name + "'", value);
        if (split_field(each).name.empty() || value.empty() || bad(each))
            refuse("--header '" + each + "' is not 'Name: value' in one line");
        for (const char* own : {"Host", "Content-Length", "Transfer-Encoding", "Connection", "Expect"})
            if (same_word(name, own)) refuse(std::string("--header ") + own + " is set by this program");
    }
    check_places("the path", plan.path);
    for (const Target& each : plan.targets) check_places("the path", each.path);
    if (bad(plan.path) || plan.path.find(' ') != std::string::npos)
        refuse("--request: the path has a space or a line break in it");
}

}  // namespace

void set_request(Plan& plan, const MassOptions& o) {
    std::tie(plan.method, plan.path) = split(o.request);
    if (!o.request_file.empty()) {
        if (o.request != "GET") refuse("give a --request or a --request_file, not both");
        read_request_file(plan, o.request_file);
    }
    if (plan.method.empty() ||
        plan.method.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZ") != std::string::npos)
        refuse("--request: '" + plan.method + "' is no method such as GET or POST");
    if (!plan.path.empty() && plan.path.front() != '/')
        refuse("--request: the path '" + plan.path + "' does not begin with /");
    check_headers(plan);
}

}  // namespace csim
