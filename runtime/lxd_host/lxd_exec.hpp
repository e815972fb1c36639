// Commands and files inside instances: exec with its sockets, recorded output, the file API, the console.
#pragma once

#include "runtime/lxd_host/lxd_instances.hpp"

#include <memory>

namespace csim {

class LxdExec {
  public:
    LxdExec(LxdContext& context, LxdInstances& instances) : context_(context), instances_(instances) {}
    ~LxdExec();
    void add_routes(LxdRoutes& routes);

  private:
    struct Session;
    class Side;
    LxdReply exec(LxdCall& call);
    void open_sockets(const std::shared_ptr<Session>& session, Json& metadata);
    void joined(const std::shared_ptr<Session>& session, const std::string& fd, LxdCall& call);
    void said(
        const std::shared_ptr<Session>& session, const std::string& fd, bool text, const std::string& payload
    );
    void control(const std::shared_ptr<Session>& session, const std::string& payload);
    /// Runs the command with what there is of its input.
    void run(const std::shared_ptr<Session>& session);
    /// Says one command's output and either ends or, in a shell, asks for the next line.
    void ran(const std::shared_ptr<Session>& session, const struct ExecResult& result);
    void typed(const std::shared_ptr<Session>& session, const std::string& keys);
    void press(const std::shared_ptr<Session>& session, char key);
    void entered(const std::shared_ptr<Session>& session, const std::string& line);
    static bool in_shell(const Session& session);
    void finish(const std::shared_ptr<Session>& session, int status, const std::string& error);

    LxdReply read_file(LxdCall& call);
    LxdReply write_file(LxdCall& call);
    LxdReply remove_file(LxdCall& call);
    LxdReply logs(LxdCall& call);
    LxdReply log(LxdCall& call);
    void add_file_routes(LxdRoutes& routes);

    LxdContext& context_;
    LxdInstances& instances_;
    std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
};

}  // namespace csim
