// What is typed at an exec's terminal, and what its control socket says.
#include "runtime/lxd_host/exec_session.hpp"

#include <nlohmann/json.hpp>

namespace csim {
namespace {

constexpr char interrupt_key = 3, end_key = 4;
constexpr std::size_t chunk = 32u << 10;

}  // namespace

bool is_shell(const std::vector<std::string>& command) {
    const std::string& path = command.front();
    const std::string name = path.substr(path.rfind('/') + 1);
    return name == "sh" || name == "bash" || name == "ash" || name == "su";
}

bool has_script(const std::vector<std::string>& command) {
    for (const std::string& each : command)
        if (each == "-c") return true;
    return false;
}

bool reads_input(const std::vector<std::string>& command) {
    const std::string name = command.front().substr(command.front().rfind('/') + 1);
    return (name == "cat" && command.size() == 1) || (is_shell(command) && !has_script(command));
}

void say(const std::shared_ptr<WebSocket>& socket, const std::string& text) {
    for (std::size_t at = 0; socket && at < text.size(); at += chunk) socket->binary(text.substr(at, chunk));
}

bool LxdExec::in_shell(const Session& session) {
    return session.interactive && is_shell(session.spec.command) && !has_script(session.spec.command);
}

void LxdExec::control(const std::shared_ptr<Session>& session, const std::string& payload) {
    const Json message = Json::parse(payload, nullptr, false);
    if (!message.is_object()) return;
    const auto command = message.find("command");
    if (command == message.end() || *command != "signal") return;
    const auto number = message.find("signal");
    if (number == message.end() || !number->is_number_integer()) return;
    const int signal = number->get<int>();
    if (signal < 1 || signal > 64) return;
    context_.host.abandon(session->work);
    finish(session, 128 + signal, "");
}

void LxdExec::typed(const std::shared_ptr<Session>& session, const std::string& keys) {
    session->ahead += keys;
    if (session->ahead.size() > exec_input_max) return finish(session, 1, "too much input");
    while (!session->ended && !session->ahead.empty()) {
        const char key = session->ahead.front();
        if (session->busy && key != interrupt_key) return;
        session->ahead.erase(0, 1);
        press(session, key);
    }
}

void LxdExec::press(const std::shared_ptr<Session>& session, char key) {
    const auto& terminal = session->sockets["0"];
    const bool shell = in_shell(*session);
    if (key == interrupt_key) {
        context_.host.abandon(session->work);
        if (!shell) return finish(session, 130, "");
        session->line.clear();
        session->busy = false;
        say(terminal, std::string("^C\r\n") + exec_prompt);
    } else if (key == end_key && session->line.empty()) {
        session->input_ended = true;
        if (shell)
            finish(session, 0, "");
        else if (reads_input(session->spec.command))
            run(session);
    } else if (key == '\r' || key == '\n') {
        say(terminal, "\r\n");
        entered(session, std::exchange(session->line, {}));
    } else if (key == 127 || key == 8) {
        if (session->line.empty()) return;
        session->line.pop_back();
        say(terminal, "\b \b");
    } else {
        session->line += key;
        say(terminal, std::string(1, key));
    }
}

void LxdExec::entered(const std::shared_ptr<Session>& session, const std::string& line) {
    if (!in_shell(*session)) {
        session->spec.input += line + "\n";
    } else if (line == "exit" || line.starts_with("exit ")) {
        finish(session, std::atoi(line.c_str() + 4) & 255, "");
    } else {
        session->busy = true;
        session->spec.command = {"sh", "-c", line};
        run(session);
        session->spec.command = {"sh"};
    }
}

}  // namespace csim
