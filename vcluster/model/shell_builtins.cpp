// What the shell does itself.
#include "vcluster/model/shell.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <regex>

namespace csim::model {
namespace {

constexpr std::array<std::string_view, 22> builtins{
    ":",    "[",      "[[",  "cd",    "echo", "exec", "exit",  "export", "false", "printf", "pwd",
    "read", "return", "set", "shift", "test", "true", "unset", "wait",   ".",     "source", "umask"};

bool number_of(const std::string& text, long long& value) {
    const auto [end, wrong] = std::from_chars(text.data(), text.data() + text.size(), value);
    return wrong == std::errc{} && end == text.data() + text.size();
}

std::string unescaped(const std::string& text) {
    std::string plain;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\' || i + 1 == text.size()) {
            plain += text[i];
            continue;
        }
        const char c = text[++i];
        if (c == '0' || c == 'x') {
            const std::size_t most = c == '0' ? 3 : 2;
            std::size_t used = 0;
            while (used < most && i + 1 + used < text.size() &&
                   std::isxdigit(static_cast<unsigned char>(text[i + 1 + used])) != 0)
                ++used;
            plain +=
                static_cast<char>(std::strtol(text.substr(i + 1, used).c_str(), nullptr, c == '0' ? 8 : 16));
            i += used;
            continue;
        }
        const std::string_view from = "abefnrtv\\", to = "\a\b\033\f\n\r\t\v\\";
        const auto at = from.find(c);
        plain += at == std::string_view::npos ? std::string("\\") + c : std::string(1, to[at]);
    }
    return plain;
}

bool compare(const std::string& op, long long a, long long b) {
    if (op == "-eq") return a == b;
    if (op == "-ne") return a != b;
    if (op == "-lt") return a < b;
    if (op == "-le") return a <= b;
    if (op == "-gt") return a > b;
    return a >= b;
}

int refuse_test(Sink& err, const std::string& what) {
    err.put("cluster-sim: shell: test: '" + what + "' not modelled\n");
    return 2;
}

int test_unary(
    Node& node, const std::string& folder, const std::string& op, const std::string& value, Sink& err
) {
    if (op == "-z") return value.empty() ? 0 : 1;
    if (op == "-n") return value.empty() ? 1 : 0;
    NodeFile file;
    const bool there = node.read(value.starts_with("/") ? value : folder + "/" + value, file) == 0;
    const bool is_folder = there && file.type == NodeFile::Type::directory;
    if (op == "-e" || op == "-r" || op == "-w") return there ? 0 : 1;
    if (op == "-f") return there && !is_folder ? 0 : 1;
    if (op == "-d") return is_folder ? 0 : 1;
    if (op == "-s") return there && !file.content.empty() ? 0 : 1;
    if (op == "-x") return there && (file.mode & 0111) != 0 ? 0 : 1;
    return refuse_test(err, op);
}

}  // namespace

int shell_test(Node& node, const std::string& folder, std::vector<std::string> words, Sink& err) {
    if (words.empty()) return 1;
    for (const std::string op : {"-o", "||", "-a", "&&"}) {
        const auto found = std::find(words.begin() + 1, words.end(), op);
        if (found == words.end()) continue;
        const int left = shell_test(node, folder, {words.begin(), found}, err);
        const int right = shell_test(node, folder, {found + 1, words.end()}, err);
        if (left == 2 || right == 2) return 2;
        const bool either = op == "-o" || op == "||";
        return (either ? left == 0 || right == 0 : left == 0 && right == 0) ? 0 : 1;
    }
    if (words[0] == "!" && words.size() > 1) {
        const int inner = shell_test(node, folder, {words.begin() + 1, words.end()}, err);
        return inner == 2 ? 2 : 1 - inner;
    }
    if (words.size() == 1) return words[0].empty() ? 1 : 0;
    if (words.size() == 2) return test_unary(node, folder, words[0], words[1], err);
    if (words.size() != 3) return refuse_test(err, words[3]);
    const std::string& op = words[1];
    if (op == "=" || op == "==") return words[0] == words[2] || glob_matches(words[2], words[0]) ? 0 : 1;
    if (op == "!=") return words[0] != words[2] ? 0 : 1;
    if (op == "-eq" || op == "-ne" || op == "-lt" || op == "-le" || op == "-gt" || op == "-ge") {
        long long a = 0, b = 0;
        if (!number_of(words[0], a) || !number_of(words[2], b)) {
            err.put("bash: [: " + words[0] + ": integer expression expected\n");
            return 2;
        }
        return compare(op, a, b) ? 0 : 1;
    }
    return refuse_test(err, op);
}

bool Shell::is_builtin(const std::string& name) const {
    return std::find(builtins.begin(), builtins.end(), name) != builtins.end();
}

int Shell::change_folder(const Words& words, ShellIo& io) {
    const std::string given = words.size() > 1 ? words[1] : variables_["HOME"];
    const std::string path = normal_path(given.starts_with("/") ? given : folder_ + "/" + given);
    NodeFile file;
    const int wrong = call_.node.read(path, file);
    if (wrong == 0 && file.type == NodeFile::Type::directory) {
        folder_ = path;
        return 0;
    }
    io.err->put("bash: cd: " + given + ": " + (wrong == 0 ? "Not a directory" : reason(wrong)) + "\n");
    return 1;
}

int Shell::set_options(const Words& words, ShellIo& io) {
    for (std::size_t i = 1; i < words.size(); ++i) {
        const bool on = words[i].starts_with("-");
        if (!on && !words[i].starts_with("+")) {
            io.err->put("cluster-sim: shell: set: '" + words[i] + "' not modelled\n");
            return 2;
        }
        for (const char c : words[i].substr(1)) {
            if (c == 'e')
                stop_on_error_ = on;
            else if (c == 'x')
                trace_ = on;
            else if (c == 'u')
                strict_ = on;
            else {
                io.err->put("cluster-sim: shell: set: '" + words[i] + "' not modelled\n");
                return 2;
            }
        }
    }
    return 0;
}

int Shell::read_line(const Words& words, ShellIo& io) {
    Input& in = *io.in;
    if (in.at >= in.text.size()) return 1;
    const auto end = std::min(in.text.find('\n', in.at), in.text.size());
    std::string line = in.text.substr(in.at, end - in.at);
    in.at = std::min(end + 1, in.text.size());
    std::size_t first = words.size() > 1 && words[1] == "-r" ? 2 : 1;
    for (; first < words.size(); ++first) {
        line.erase(0, std::min(line.find_first_not_of(" \t"), line.size()));
        const auto blank = first + 1 == words.size() ? std::string::npos : line.find_first_of(" \t");
        variables_[words[first]] = line.substr(0, blank);
        line.erase(0, blank);
    }
    return 0;
}

int Shell::print_formatted(const Words& words, ShellIo& io) {
    if (words.size() < 2) return 2;
    std::size_t next = 2;
    std::string out;
    do {
        const std::string& format = words[1];
        for (std::size_t i = 0; i < format.size(); ++i) {
            if (format[i] != '%') {
                const std::size_t end = std::min(format.find('%', i), format.size());
                out += unescaped(format.substr(i, end - i));
                i = end - 1;
                continue;
            }
            const auto kind = format.find_first_of("sdixuc%", i + 1);
            if (kind == std::string::npos) {
                io.err->put("cluster-sim: printf: '" + format.substr(i) + "' not modelled\n");
                return 2;
            }
            const std::string flags = format.substr(i + 1, kind - i - 1);
            const std::string value = format[kind] == '%' ? "%" : next < words.size() ? words[next++] : "";
            const bool left = flags.starts_with("-"), zeros = flags.starts_with("0");
            const auto width = static_cast<std::size_t>(std::abs(std::atoi(flags.c_str())));
            std::string text = value.empty() && format[kind] != 's' && format[kind] != '%' ? "0" : value;
            if (text.size() < width)
                text.insert(left ? text.size() : 0, width - text.size(), zeros ? '0' : ' ');
            out += text;
            i = kind;
        }
    } while (next < words.size() && words[1].find('%') != std::string::npos);
    io.out->put(out);
    return 0;
}

Task<int> Shell::run_builtin(Words words, ShellIo io) {
    const std::string& name = words[0];
    if (name == "[" || name == "[[" || name == "test") {
        Words rest(words.begin() + 1, words.end());
        if (name != "test") {
            if (rest.empty() || rest.back() != (name == "[" ? "]" : "]]")) {
                io.err->put("bash: [: missing `]'\n");
                co_return 2;
            }
            rest.pop_back();
        }
        co_return shell_test(call_.node, folder_, std::move(rest), *io.err);
    }
    if (name == "echo") {
        std::size_t first = 1;
        bool line = true, escapes = false;
        for (; first < words.size() && (words[first] == "-n" || words[first] == "-e"); ++first)
            (words[first] == "-n" ? line : escapes) = words[first] != "-n";
        std::string text;
        for (std::size_t i = first; i < words.size(); ++i) text += (i > first ? " " : "") + words[i];
        io.out->put((escapes ? unescaped(text) : text) + (line ? "\n" : ""));
        co_return 0;
    }
    if (name == "cd") co_return change_folder(words, io);
    if (name == "set") co_return set_options(words, io);
    if (name == "read") co_return read_line(words, io);
    if (name == "printf") co_return print_formatted(words, io);
    if (name == "pwd") io.out->put(folder_ + "\n");
    if (name == "false") co_return 1;
    if (name == "shift" && positional.size() > 1) positional.erase(positional.begin() + 1);
    for (std::size_t i = 1; i < words.size() && (name == "export" || name == "unset"); ++i) {
        const auto equals = words[i].find('=');
        const std::string variable = words[i].substr(0, equals);
        if (equals != std::string::npos) variables_[variable] = words[i].substr(equals + 1);
        if (name == "export")
            exported_.insert(variable);
        else
            variables_.erase(variable), exported_.erase(variable);
    }
    if (name == "exit" || name == "return") {
        exiting_ = true;
        co_return words.size() > 1 ? std::atoi(words[1].c_str()) & 255 : last_status_;
    }
    if (name == "exec" && words.size() > 1) {
        words.erase(words.begin());
        exiting_ = true;
        const int status = co_await run_external(words, variables_, io);
        co_return status;
    }
    if (name == "wait") {
        std::vector<int> children;
        for (auto& [pid, process] : call_.node.processes)
            if (process->parent == call_.process.pid && !process->ended) children.push_back(pid);
        int status = 0;
        for (const int pid : children) {
            if (words.size() > 1 && words[1] != std::to_string(pid)) continue;
            Process* child = call_.node.find(pid);
            if (child == nullptr) continue;
            co_await Occasion::Wait(call_.world.timeline(), child->end);
            const auto ended = call_.node.processes.find(pid);
            if (words.size() > 1 && ended != call_.node.processes.end()) status = ended->second->status;
        }
        co_return status;
    }
    if (name == "." || name == "source") {
        if (words.size() < 2) co_return 2;
        NodeFile file;
        const std::string path = words[1].starts_with("/") ? words[1] : folder_ + "/" + words[1];
        const int wrong = call_.node.read(path, file);
        if (wrong != 0) {
            io.err->put("bash: " + words[1] + ": " + reason(wrong) + "\n");
            co_return 1;
        }
        const auto list = parse_shell(file.content);
        if (!list) {
            io.err->put(list.error().detail + "\n");
            co_return 2;
        }
        const int status = co_await run(*list, io);
        co_return status;
    }
    co_return 0;
}

}  // namespace csim::model
