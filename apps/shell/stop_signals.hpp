// Ctrl-C, and what it means when it comes again.
#pragma once

#include <boost/asio/posix/stream_descriptor.hpp>

#include <array>
#include <functional>

namespace csim::shell {

/// From construction on, SIGINT and SIGTERM no longer end the program: the first one has `on_stop` run on the
/// loop's thread, for an orderly end. Further ones change the exit status and nothing else, until that end
/// has taken longer than two seconds: then the next ends the program at once, which loses nothing that was
/// acknowledged. At most one object at a time.
class StopSignals {
  public:
    StopSignals(boost::asio::io_context& loop, std::function<void()> on_stop);
    ~StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;

    /// The exit status of a program that would end with `status`: 128 + the number of a repeated signal.
    static int exit_status(int status);

  private:
    boost::asio::posix::stream_descriptor arrivals_;
    std::function<void()> on_stop_;
    std::array<char, 1> byte_{};
};

}  // namespace csim::shell
