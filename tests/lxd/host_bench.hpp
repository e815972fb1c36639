// A simulated LXD host on a thread of its own, and a client that asks it one thing at a time.
#pragma once

#include "net/http.hpp"
#include "net/websocket.hpp"
#include "runtime/lxd_host/lxd_host.hpp"
#include "tests/support/temp_folder.hpp"

#include <nlohmann/json.hpp>

#include <memory>
#include <string>
#include <thread>

namespace csim {

/// A WebSocket as its client has it. Blocks, for at most a minute a message.
class SocketClient {
  public:
    explicit SocketClient(int fd) : fd_(fd), reader_(WsReader::From::server, 64u << 20) {}
    ~SocketClient();
    SocketClient(const SocketClient&) = delete;
    void send(WsKind kind, const std::string& payload);
    /// The next message that is no ping; a close, also when the connection just ended.
    WsMessage next();
    void pending(std::string bytes) { unread_ = std::move(bytes); }  ///< read behind the answer 101

  private:
    int fd_;
    WsReader reader_;
    std::vector<WsMessage> ready_;
    std::string unread_;
};

class HostBench {
  public:
    /// A hundred times as fast as the real one.
    explicit HostBench(LxdHostOptions options = {});
    ~HostBench();

    /// Status 0: the connection ended without a whole answer.
    HttpReply ask(
        const std::string& method, const std::string& target, std::string body = {}, HttpFields headers = {}
    );
    Json json(const std::string& method, const std::string& target, const Json& body = nullptr);
    /// Asks for an operation and waits for its end; its object.
    Json done(const std::string& method, const std::string& target, const Json& body = nullptr);
    std::unique_ptr<SocketClient> socket(const std::string& target);
    /// Sends bytes as they are and reads until the other side closes; what came.
    std::string raw(const std::string& bytes);
    HttpReply control(const std::string& method, const std::string& target, const Json& body = nullptr);
    /// The instance runs.
    void launch(const std::string& name);

    const TempFolder folder;
    const std::string path = (folder / "unix.socket").string();

  private:
    int connect() const;
    Timeline timeline_;
    EventLoop loop_;
    std::unique_ptr<LxdHost> host_;
    std::thread thread_;
};

/// Ids, instants and secrets become words, so that the same exchange reads the same.
std::string normalised(const Json& answer);

}  // namespace csim
