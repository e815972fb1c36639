// The arguments of a node's first process. No allocation: it lives in a tiny static program.
#pragma once

#include <cstdint>

namespace csim::init {

struct Settings {
    const char* mark = "";
    const char* name = "";
    const char* lower = "";
    const char* upper = "";
    const char* work = "";
    const char* root = "";
    const char* address = "";  ///< dotted; empty: loopback only
    int prefix = 8;
    const char* hub = "";      ///< address of the bridge, a permanent neighbour; empty: none
    const char* hub_mac = "";  ///< twelve hex digits
    int report = -1;           ///< descriptor
    int maker = -1;            ///< descriptor: makes the nodes that are asked for there
    std::uint32_t index = 0;
    bool only_network = false;  ///< holds a network namespace and does nothing else
    bool dies_with_parent = false;
    int pings = 0;
    const char* target = "localhost";
    std::int64_t interval_ms = 1000;
    bool power_off = false;
    const char* log = "/home/ubuntu/log_ping";
};

Settings read_settings(int argc, char** argv);

/// The memory that other processes see as this one's arguments.
struct Title {
    char* at;
    unsigned long size;
};
/// Makes one node after the other; returns in each of them, with its settings. Mounts are private from here
/// on, and only `drop`s are gone. Ends the process when nobody asks any more.
Settings make_nodes(const Settings& settings, int argc, char** argv);

/// A call that the kernel refused: tells the runtime and ends the process.
[[noreturn]] void refuse(const Settings& settings, const char* call);
void tell_ready(const Settings& settings);

void set_up_root(const Settings& settings);
void enter_root(const Settings& settings);
void set_up_network(const Settings& settings);
/// Until the bridge answers: a port forwards only some time after both of its ends are up.
void await_hub(const Settings& settings);

/// Pings as the settings say and appends to the log; one step at a time, driven by poll().
class Pinger {
  public:
    explicit Pinger(const Settings& settings) : settings_(settings) {}
    void begin();
    int descriptor() const { return socket_; }
    /// Milliseconds until step() wants to run; -1: never again.
    int due_ms() const;
    void step(bool readable);
    bool over() const { return over_; }

  private:
    void send_one();
    void receive();
    void finish();
    void say(const char* text, int length);

    const Settings& settings_;
    int socket_ = -1;
    int log_ = -1;
    std::uint32_t address_ = 0;
    char dotted_[16] = {};
    int sent_ = 0, received_ = 0;
    std::int64_t next_us_ = 0;
    std::int64_t sent_us_[64] = {};  ///< by sequence, the last ones; 0: answered
    std::int64_t min_us_ = 0, max_us_ = 0, sum_us_ = 0;
    bool begun_ = false, over_ = false;
};

}  // namespace csim::init
