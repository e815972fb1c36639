// Small daemons: munge's and ssh's.
#pragma once

#include "vcluster/model/programs.hpp"

namespace csim::model {

class Munged final : public Daemon {
  public:
    Munged(Node& node, std::string socket, std::string pid_file, std::string key)
        : node_(node), socket_(std::move(socket)), pid_file_(std::move(pid_file)), key_(std::move(key)) {}
    void ending() override;

    const std::string& socket() const { return socket_; }
    const std::string& key() const { return key_; }

  private:
    Node& node_;
    std::string socket_, pid_file_, key_;
};

inline constexpr char munge_socket[] = "/run/munge/munge.socket.2";

/// The daemon that answers on this socket; nullptr: none.
Munged* munged_of(Node& node, const std::string& socket = munge_socket);

class Sshd final : public Daemon {
  public:
    explicit Sshd(Node& node) : node_(node) {}
    void ending() override { node_.remove("/run/sshd.pid"); }

  private:
    Node& node_;
};

}  // namespace csim::model
