#include "vcluster/model/shell.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>

namespace csim::model {

Shell::Shell(Call& call)
    : call_(call), io_{call.in, call.out, call.err}, variables_(call.env), folder_(call.folder) {
    for (const auto& [name, value] : call.env) exported_.insert(name);
}

namespace {

std::shared_ptr<Input> input_of(std::string text) {
    auto input = std::make_shared<Input>();
    input->text = std::move(text);
    return input;
}

/// The position of `=` in NAME=VALUE; npos if the word is none.
std::size_t assignment(const std::string& raw) {
    const auto equals = raw.find('=');
    if (equals == 0 || equals == std::string::npos) return std::string::npos;
    for (std::size_t i = 0; i < equals; ++i)
        if (std::isalnum(static_cast<unsigned char>(raw[i])) == 0 && raw[i] != '_') return std::string::npos;
    return std::isdigit(static_cast<unsigned char>(raw[0])) != 0 ? std::string::npos : equals;
}

}  // namespace

Task<int> Shell::run(ShellListPtr list, ShellIo io) {
    for (const ShellItem& item : list->items) {
        if (over()) break;
        if (item.background) {
            launch_behind(item, io);
            last_status_ = 0;
            continue;
        }
        const int status = co_await run_item(item, io);
        last_status_ = status;
        if (status != 0 && stop_on_error_ && !in_condition_ && item.parts.size() == 1 &&
            !item.parts[0].second.negated)
            exiting_ = true;
    }
    co_return last_status_;
}

Task<int> Shell::run_item(const ShellItem& item, ShellIo io) {
    int status = 0;
    for (const auto& [op, pipeline] : item.parts) {
        if (over() || (op == "&&" && status != 0) || (op == "||" && status == 0)) continue;
        status = co_await run_pipeline(pipeline, io);
        last_status_ = status;
    }
    co_return status;
}

// One after the other: what the first has written is there when the second begins.
Task<int> Shell::run_pipeline(const ShellPipeline& pipeline, ShellIo io) {
    int status = 0;
    for (std::size_t i = 0; i < pipeline.commands.size(); ++i) {
        const bool last = i + 1 == pipeline.commands.size();
        ShellIo part = io;
        auto between = std::make_shared<Buffer>();
        if (!last) part.out = between;
        status = co_await run_command(pipeline.commands[i], part);
        if (!last) io.in = input_of(between->held);
        if (over() && !last) break;
    }
    co_return pipeline.negated ? (status == 0 ? 1 : 0) : status;
}

Task<int> Shell::run_command(const ShellCommand& command, ShellIo io) {
    if (command.kind == ShellCommand::Kind::simple) {
        const int status = co_await run_simple(command, io);
        co_return status;
    }
    const int opened = co_await redirect(command.redirects, io);
    if (opened != 0) co_return opened;
    const int status = co_await run_compound(command, io);
    co_return status;
}

Task<int> Shell::run_compound(const ShellCommand& command, ShellIo io) {
    int status = 0;
    if (command.kind == ShellCommand::Kind::subshell) {
        Shell inner = *this;
        status = co_await inner.run(command.body, io);
        co_return status;
    }
    if (command.kind == ShellCommand::Kind::each) {
        const Words words = co_await expand(command.words);
        for (const std::string& word : words) {
            if (over()) break;
            variables_[command.variable] = word;
            status = co_await run(command.body, io);
        }
        co_return status;
    }
    if (command.kind == ShellCommand::Kind::group) {
        status = co_await run(command.body, io);
        co_return status;
    }
    for (int rounds = 0; rounds < 1'000'000 && !over(); ++rounds) {
        bool taken = false;
        for (const auto& [condition, body] : command.branches) {
            const bool before = std::exchange(in_condition_, true);
            const int met = co_await run(condition, io);
            in_condition_ = before;
            if (met != 0 || over()) continue;
            status = co_await run(body, io);
            taken = true;
            break;
        }
        if (command.kind == ShellCommand::Kind::loop && taken) continue;
        if (command.kind == ShellCommand::Kind::branch && !taken && command.body)
            status = co_await run(command.body, io);
        break;
    }
    co_return status;
}

Task<int> Shell::redirect(const std::vector<ShellRedirect>& redirects, ShellIo& io) {
    for (const ShellRedirect& each : redirects) {
        if (each.op == "2>&1") {
            io.err = io.out;
        } else if (each.op == "1>&2") {
            io.out = io.err;
        } else if (each.op == "<<") {
            std::string text = each.target.raw;
            if (!each.literal) text = co_await expand_text(text, each.target.line);
            io.in = input_of(std::move(text));
        } else {
            const std::string given = co_await expand_text(each.target.raw, each.target.line);
            const std::string path = normal_path(given.starts_with("/") ? given : folder_ + "/" + given);
            NodeFile file;
            int wrong = call_.node.read(path, file);
            if (wrong == 0 && file.type == NodeFile::Type::directory) wrong = EISDIR;
            const bool reads = each.op == "<", appends = each.op.ends_with(">>");
            if (!reads && wrong == ENOENT)
                file = NodeFile{}, wrong = call_.node.write(path, file);
            else if (!reads && wrong == 0 && !appends && path != "/dev/null")
                file.content.clear(), wrong = call_.node.write(path, file);
            if (wrong != 0) {
                io.err->put("bash: " + given + ": " + reason(wrong) + "\n");
                co_return 1;
            }
            SinkPtr sink = std::make_shared<Nowhere>();
            if (!reads && path != "/dev/null") sink = std::make_shared<FileSink>(call_.node, path);
            if (reads)
                io.in = input_of(file.content);
            else if (each.op == "&>")
                io.out = io.err = sink;
            else if (each.op.starts_with("2"))
                io.err = sink;
            else
                io.out = sink;
        }
    }
    co_return 0;
}

Task<int> Shell::run_simple(const ShellCommand& command, ShellIo io) {
    std::vector<ShellWord> words = command.words;
    Environment assigned;
    while (!words.empty() && assignment(words.front().raw) != std::string::npos) {
        const auto equals = assignment(words.front().raw);
        const std::string name = words.front().raw.substr(0, equals);
        std::string raw = words.front().raw.substr(equals + 1);
        std::string value = co_await expand_text(std::move(raw), words.front().line);
        assigned[name] = std::move(value);
        words.erase(words.begin());
    }
    Words expanded;
    const bool brackets = !words.empty() && words.front().raw == "[[";
    expanded = co_await expand(std::move(words));
    if (!complaint_.empty()) {
        io.err->put(std::exchange(complaint_, {}) + "\n");
        exiting_ = true;
        co_return 2;
    }
    const int opened = co_await redirect(command.redirects, io);
    if (opened != 0) co_return opened;
    if (expanded.empty()) {
        for (const auto& [name, value] : assigned) variables_[name] = value;
        co_return 0;
    }
    if (trace_) {
        std::string line = "+";
        for (const std::string& each : expanded) line += " " + each;
        io.err->put(line + "\n");
    }
    if (is_builtin(expanded[0]) || brackets) {
        for (const auto& [name, value] : assigned) variables_[name] = value;
        const int status = co_await run_builtin(std::move(expanded), io);
        co_return status;
    }
    Environment env;
    for (const auto& [name, value] : variables_)
        if (exported_.contains(name)) env[name] = value;
    for (const auto& [name, value] : assigned) env[name] = value;
    const int status = co_await run_external(std::move(expanded), std::move(env), io);
    co_return status;
}

Task<int> Shell::run_external(Words words, Environment env, ShellIo io) {
    Launch launch;
    launch.arguments = std::move(words);
    launch.env = std::move(env);
    launch.folder = folder_;
    launch.user = call_.process.user;
    launch.in = io.in;
    launch.out = io.out;
    launch.err = io.err;
    launch.parent = call_.process.pid;
    launch.group = call_.process.group;
    // Shared, since this shell may be gone by then.
    const auto status = std::make_shared<int>(-1);
    launch.on_end = [status](int ended) { *status = ended; };
    Process& child = call_.world.launch(call_.node, std::move(launch));
    if (!child.ended) co_await Occasion::Wait(call_.world.timeline(), child.end);
    co_return *status;
}

void Shell::launch_behind(const ShellItem& item, ShellIo io) {
    Launch launch;
    const ShellPipeline& pipeline = item.parts[0].second;
    const ShellCommand& command = pipeline.commands[0];
    const bool one = item.parts.size() == 1 && pipeline.commands.size() == 1 && command.redirects.empty() &&
                     command.kind == ShellCommand::Kind::simple;
    const auto special = [](const ShellWord& word) {
        return word.raw.find_first_of("'\"\\$*?[{=~") != std::string::npos;
    };
    if (one && std::none_of(command.words.begin(), command.words.end(), special)) {
        for (const ShellWord& each : command.words) launch.arguments.push_back(each.raw);
    } else {
        launch.arguments = {"bash", "-c", item.source};
    }
    launch.env = variables_;
    launch.folder = folder_;
    launch.user = call_.process.user;
    launch.out = io.out;
    launch.err = io.err;
    launch.parent = call_.process.pid;
    launch.group = call_.process.group;
    last_background_ = call_.world.launch(call_.node, std::move(launch)).pid;
}

Task<int> run_shell(Call& call) {
    std::string text;
    std::vector<std::string> positional{call.name()};
    std::size_t at = 1;
    while (at < call.arguments.size() && (call.arguments[at] == "-l" || call.arguments[at] == "--login"))
        ++at;
    if (at < call.arguments.size() && (call.arguments[at] == "-c" || call.arguments[at] == "-lc")) {
        if (at + 1 >= call.arguments.size()) co_return call.fail(2, "bash: -c: option requires an argument");
        text = call.arguments[at + 1];
        if (call.arguments.size() > at + 2)
            positional.assign(
                call.arguments.begin() + static_cast<std::ptrdiff_t>(at) + 2, call.arguments.end()
            );
    } else if (at < call.arguments.size() && call.arguments[at].starts_with("-")) {
        co_return option_not_modelled(call, call.arguments[at]);
    } else if (at < call.arguments.size()) {
        NodeFile file;
        const int wrong = call.node.read(call.path(call.arguments[at]), file);
        if (wrong != 0) co_return call.fail(127, "bash: " + call.arguments[at] + ": " + reason(wrong));
        text = file.content;
        positional.assign(call.arguments.begin() + static_cast<std::ptrdiff_t>(at), call.arguments.end());
    } else {
        text = call.in->rest();
    }
    const auto list = parse_shell(text);
    if (!list) co_return call.fail(2, list.error().detail);
    Shell shell(call);
    shell.positional = std::move(positional);
    const ShellIo io = shell.io();
    const int status = co_await shell.run(*list, io);
    co_return status;
}

}  // namespace csim::model
