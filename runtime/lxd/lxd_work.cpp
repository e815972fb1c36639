// Operations, commands and files of an LxdRuntime.
#include "runtime/lxd/lxd_impl.hpp"

#include <charconv>
#include <cstdio>

namespace csim {
namespace {

constexpr int hops_max = 16;

/// For a shell.
std::string quoted(const std::string& word) {
    std::string text = "'";
    for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return text + "'";
}

std::string parent_of(const std::string& path) {
    return path.substr(0, path.rfind('/') + 1);
}

std::uint32_t number_of(const HttpFields& headers, const char* name, int base, std::uint32_t otherwise) {
    const std::string* text = find_field(headers, name);
    std::uint32_t value = otherwise;
    if (text != nullptr) std::from_chars(text->data(), text->data() + text->size(), value, base);
    return value;
}

NodeFile file_of(LxdAnswer answer) {
    NodeFile file;
    const std::string* type = find_field(answer.headers, "X-LXD-type");
    file.mode = number_of(answer.headers, "X-LXD-mode", 8, 0644) & 07777;
    file.uid = number_of(answer.headers, "X-LXD-uid", 10, 0);
    file.gid = number_of(answer.headers, "X-LXD-gid", 10, 0);
    if (type != nullptr && *type == "directory") {
        file.type = NodeFile::Type::directory;
        for (const Json& each : answer.metadata())
            if (each.is_string()) file.entries.push_back(each.get<std::string>());
        std::sort(file.entries.begin(), file.entries.end());
        return file;
    }
    if (type != nullptr && *type == "symlink") file.type = NodeFile::Type::symlink;
    file.content = std::move(answer.body);
    return file;
}

HttpFields headers_of(const NodeFile& file) {
    char mode[16];
    std::snprintf(mode, sizeof mode, "%04o", file.mode & 07777);
    const char* const types[] = {"file", "directory", "symlink"};
    return {
        {"Content-Type", "application/octet-stream"},
        {"X-LXD-type", types[static_cast<int>(file.type)]},
        {"X-LXD-mode", mode},
        {"X-LXD-uid", std::to_string(file.uid)},
        {"X-LXD-gid", std::to_string(file.gid)},
        {"X-LXD-write", "overwrite"}};
}

}  // namespace

Ticket LxdRuntime::Impl::operate(
    NodePhase phase, const std::string& name, Duration limit, Answer<Done> answer, Request request,
    NodeState state
) {
    return begin<Done>(
        phase, name, limit, std::move(answer),
        [=, this](Ticket ticket, LxdCalls::Chain chain) {
            calls.operate(
                chain, request.method, request.target, request.body,
                [=, this](Result<LxdAnswer> end) {
                    if (const auto refused = lxd_refusal(phase, request.call, end))
                        return finish<Done>(ticket, *refused);
                    changed(name, state);
                    finish<Done>(ticket, Done{});
                }
            );
        }
    );
}

Ticket LxdRuntime::Impl::once(
    const std::string& name, Duration limit, Answer<Done> answer, Request request, NodeError::Kind fine
) {
    const NodePhase phase = NodePhase::network;
    return begin<Done>(
        phase, name, limit, std::move(answer),
        [=, this](Ticket ticket, LxdCalls::Chain chain) {
            calls.ask(chain, request.method, request.target, request.body, [=, this](Result<LxdAnswer> end) {
                const auto refused = lxd_refusal(phase, request.call, end);
                if (refused && refused->kind != fine) return finish<Done>(ticket, *refused);
                finish<Done>(ticket, Done{});
            });
        }
    );
}

namespace {

/// One command on its way: its input goes ahead as a file, its output is recorded and fetched.
struct Running {
    std::string name;
    ExecSpec spec;
    std::string input_path;
    ExecResult result;
    std::string err_path;
};

Json exec_body(const Running& run) {
    Json words = run.spec.command;
    if (!run.input_path.empty()) {
        std::string line;
        for (const std::string& word : run.spec.command) line += quoted(word) + " ";
        words = {"sh", "-c", line + "< " + run.input_path};
    }
    return {{"command", words},     {"environment", run.spec.environment}, {"cwd", run.spec.folder},
            {"interactive", false}, {"wait-for-websocket", false},         {"record-output", true}};
}

}  // namespace

Ticket LxdRuntime::exec(std::string name, ExecSpec spec, Duration limit, Answer<ExecResult> answer) {
    auto run = std::make_shared<Running>(Running{name, std::move(spec), "", {}, ""});
    return impl_->begin<ExecResult>(
        NodePhase::exec, name, limit, std::move(answer),
        [this, run](Ticket ticket, LxdCalls::Chain chain) {
            const auto fail = [this, ticket](const NodeError& error) {
                impl_->finish<ExecResult>(ticket, error);
            };
            const auto fetch = [this, chain,
                                fail](const std::string& path, std::function<void(std::string)> then) {
                impl_->calls.ask(chain, "GET", path, nullptr, [=, this](Result<LxdAnswer> got) {
                    if (const auto refused = lxd_refusal(NodePhase::exec, "GET log", got))
                        return fail(*refused);
                    std::string content = std::move(got->body);
                    impl_->calls.ask(chain, "DELETE", path, nullptr, [then, content](Result<LxdAnswer>) {
                        then(content);
                    });
                });
            };
            const auto ended = [this, run, ticket, fetch, fail](Result<LxdAnswer> end) {
                const Json state = end ? end->metadata() : Json();
                const Json recorded = state.is_object() ? state.value("metadata", Json()) : Json();
                const bool has_status = recorded.is_object() && recorded.contains("return");
                // A program that is not there is a failed operation, and a result.
                if (const auto refused = lxd_refusal(NodePhase::exec, "POST exec", end);
                    refused && !has_status)
                    return fail(*refused);
                if (!has_status)
                    return fail(
                        {NodeError::Kind::internal, NodePhase::exec, "POST exec",
                         "the daemon told no exit status"}
                    );
                run->result.status = recorded["return"].get<int>();
                if (!recorded.contains("output"))
                    return impl_->finish<ExecResult>(ticket, std::move(run->result));
                run->err_path = recorded["output"].value("2", "");
                fetch(recorded["output"].value("1", ""), [this, run, ticket, fetch](std::string out) {
                    run->result.out = std::move(out);
                    fetch(run->err_path, [this, run, ticket](std::string err) {
                        run->result.err = std::move(err);
                        impl_->finish<ExecResult>(ticket, std::move(run->result));
                    });
                });
            };
            const auto go = [this, run, chain, ended] {
                impl_->calls.operate(chain, "POST", impl_->path(run->name) + "/exec", exec_body(*run), ended);
            };
            if (run->spec.input.empty()) return go();
            run->input_path = "/tmp/.cluster-sim-input-" + std::to_string(ticket);
            NodeFile file;
            file.mode = 0600;
            HttpRequest put{
                "POST", impl_->path(run->name) + "/files?path=" + run->input_path, headers_of(file),
                run->spec.input};
            impl_->calls.ask(chain, std::move(put), [go, fail](Result<LxdAnswer> written) {
                if (const auto refused = lxd_refusal(NodePhase::exec, "POST files", written))
                    return fail(*refused);
                go();
            });
        }
    );
}

Ticket LxdRuntime::read_file(std::string name, std::string path, Duration limit, Answer<NodeFile> answer) {
    return impl_->begin<NodeFile>(
        NodePhase::file, name, limit, std::move(answer),
        [this, name, path](Ticket ticket, LxdCalls::Chain chain) {
            // The daemon shows a link itself; following it stays inside, because it gets absolute paths only.
            auto follow = std::make_shared<std::function<void(std::string, int)>>();
            *follow = [this, name, ticket, chain,
                       weak = std::weak_ptr(follow)](const std::string& at, int hops) {
                const auto again = weak.lock();
                impl_->calls.ask(
                    chain, "GET", impl_->path(name) + "/files?path=" + url_encoded(at), nullptr,
                    [this, ticket, at, hops, again](Result<LxdAnswer> got) {
                        if (const auto refused = lxd_refusal(NodePhase::file, "GET files", got))
                            return impl_->finish<NodeFile>(ticket, *refused);
                        NodeFile file = file_of(std::move(*got));
                        if (file.type != NodeFile::Type::symlink || hops == hops_max)
                            return impl_->finish<NodeFile>(ticket, std::move(file));
                        (*again
                        )(file.content.starts_with("/") ? file.content : parent_of(at) + file.content,
                          hops + 1);
                    }
                );
            };
            (*follow)(path, 0);
        }
    );
}

Ticket LxdRuntime::write_file(
    std::string name, std::string path, NodeFile file, Duration limit, Answer<Done> answer
) {
    return impl_->begin<Done>(
        NodePhase::file, name, limit, std::move(answer),
        [this, name, path,
         file = std::make_shared<NodeFile>(std::move(file))](Ticket ticket, LxdCalls::Chain chain) {
            HttpRequest put{
                "POST", impl_->path(name) + "/files?path=" + url_encoded(path), headers_of(*file),
                file->type == NodeFile::Type::directory ? "" : std::move(file->content)};
            impl_->calls.ask(chain, std::move(put), [this, ticket](Result<LxdAnswer> written) {
                if (const auto refused = lxd_refusal(NodePhase::file, "POST files", written))
                    return impl_->finish<Done>(ticket, *refused);
                impl_->finish<Done>(ticket, Done{});
            });
        }
    );
}

}  // namespace csim
