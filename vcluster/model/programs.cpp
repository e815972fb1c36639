#include "vcluster/model/programs.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

namespace csim::model {
namespace {

const Program shells[] = {{"bash", nullptr, run_shell}, {"sh", nullptr, run_shell}};

const std::map<std::string, const Program*, std::less<>>& table() {
    static const auto made = [] {
        std::map<std::string, const Program*, std::less<>> all;
        for (const auto rows :
             {std::span<const Program>(shells), identity_programs(), file_programs(), more_file_programs(),
              text_programs(), column_programs(), process_programs(), network_programs(), service_programs(),
              slurm_programs(), ldms_programs()})
            for (const Program& each : rows) all.emplace(each.name, &each);
        return all;
    }();
    return made;
}

bool is_place_of_programs(const std::string& folder) {
    static const std::array<std::string_view, 8> places{"/bin",          "/sbin",          "/usr/bin",
                                                        "/usr/sbin",     "/usr/local/bin", "/usr/local/sbin",
                                                        "/opt/ovis/bin", "/opt/ovis/sbin"};
    return std::find(places.begin(), places.end(), folder) != places.end();
}

}  // namespace

const Program* find_program(const std::string& name) {
    const auto slash = name.rfind('/');
    if (slash != std::string::npos && !is_place_of_programs(name.substr(0, slash))) return nullptr;
    const auto found = table().find(slash == std::string::npos ? name : name.substr(slash + 1));
    return found == table().end() ? nullptr : found->second;
}

std::vector<std::string> program_names() {
    std::vector<std::string> names;
    for (const auto& [name, program] : table()) names.push_back(name);
    return names;
}

std::string not_modelled(const std::string& name) {
    return "cluster-sim: " + name +
           ": not modelled on simulated nodes (try 'vcluster commands', or a real backend)";
}

int option_not_modelled(Call& call, const std::string& option) {
    const std::string name = call.name().substr(call.name().rfind('/') + 1);
    return call.fail(2, "cluster-sim: " + name + ": option '" + option + "' not modelled");
}

std::string reason(int error) {
    return std::strerror(error);
}

bool Options::has(std::string_view name) const {
    return std::any_of(given.begin(), given.end(), [&](const auto& each) { return each.first == name; });
}

std::string Options::value(std::string_view name, const std::string& otherwise) const {
    std::string last = otherwise;
    for (const auto& [key, value] : given)
        if (key == name) last = value;
    return last;
}

std::vector<std::string> Options::values(std::string_view name) const {
    std::vector<std::string> all;
    for (const auto& [key, value] : given)
        if (key == name) all.push_back(value);
    return all;
}

namespace {

/// `--name=value`, `--name value`, `--name`. False: not among those that are known.
bool take_long(
    Options& options, const std::vector<std::string>& arguments, std::size_t& i,
    const std::vector<std::string>& longs
) {
    const std::string& word = arguments[i];
    const auto equals = word.find('=');
    const std::string name = word.substr(2, equals == std::string::npos ? equals : equals - 2);
    const bool plain = std::find(longs.begin(), longs.end(), name) != longs.end();
    const bool valued = std::find(longs.begin(), longs.end(), name + ":") != longs.end();
    if (!plain && !valued) return false;
    if (equals != std::string::npos) {
        options.given.emplace_back(name, word.substr(equals + 1));
    } else if (valued && i + 1 < arguments.size()) {
        options.given.emplace_back(name, arguments[++i]);
    } else {
        options.given.emplace_back(name, "");
    }
    return true;
}

bool take_short(
    Options& options, const std::vector<std::string>& arguments, std::size_t& i, std::string_view letters
) {
    const std::string word = arguments[i];
    for (std::size_t at = 1; at < word.size(); ++at) {
        const auto known = letters.find(word[at]);
        if (known == std::string_view::npos || word[at] == ':') return false;
        const std::string name(1, word[at]);
        if (known + 1 >= letters.size() || letters[known + 1] != ':') {
            options.given.emplace_back(name, "");
            continue;
        }
        if (at + 1 < word.size()) {
            options.given.emplace_back(name, word.substr(at + 1));
        } else {
            options.given.emplace_back(name, i + 1 < arguments.size() ? arguments[++i] : "");
        }
        break;
    }
    return true;
}

}  // namespace

Options parse_options(
    const std::vector<std::string>& arguments, std::string_view letters,
    const std::vector<std::string>& longs, bool stop_at_operand
) {
    Options options;
    for (std::size_t i = 1; i < arguments.size(); ++i) {
        const std::string& word = arguments[i];
        if (word == "--") {
            options.operands.insert(
                options.operands.end(), arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                arguments.end()
            );
            break;
        }
        if (word.size() < 2 || word[0] != '-') {
            options.operands.push_back(word);
            if (!stop_at_operand) continue;
            options.operands.insert(
                options.operands.end(), arguments.begin() + static_cast<std::ptrdiff_t>(i) + 1,
                arguments.end()
            );
            break;
        }
        const bool taken = word.starts_with("--") ? take_long(options, arguments, i, longs)
                                                  : take_short(options, arguments, i, letters);
        if (!taken && options.wrong.empty()) options.wrong = word;
    }
    return options;
}

}  // namespace csim::model
