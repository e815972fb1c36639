// The reporting side: declares assertions, tells their outcomes, and ends once, whatever happens.
#pragma once

#include "net/datagram.hpp"
#include "vcluster/tada/run.hpp"

#include <optional>

namespace csim {

struct TadaAddress {
    std::string host = "localhost";
    std::uint16_t port = tada_port;
};
/// `HOST[:PORT]`. Errors: bad_argument.
Result<TadaAddress> parse_tada_address(const std::string& text);

/// One run, one socket. Ends by itself with this object: what was not evaluated is then reported as skipped.
class TadaReporter {
  public:
    /// `now` in seconds since 1970. Nothing is sent yet. Errors: those of the socket.
    static Result<TadaReporter> open(const TadaAddress& address, TadaRun run);
    TadaReporter(TadaReporter&&) = default;
    ~TadaReporter();

    /// Again with the same number replaces what was declared.
    void declare(const std::string& number, const std::string& description);
    /// Errors: those of sending.
    Result<Nothing> start(std::int64_t now);
    /// Sends at once; the last outcome counts. Errors: not_found (nobody declared it), conflict (not begun,
    /// or over), those of sending.
    Result<Nothing> evaluate(const std::string& number, bool passed, const std::string& condition);
    /// Reports what was not evaluated, then the end; twice is once. Returns the status that a program should
    /// end with: 0 if all have passed, else 255.
    Result<int> finish(std::int64_t now);
    const TadaRun& run() const { return run_; }

  private:
    TadaReporter(DatagramSocket socket, TadaRun run) : socket_(std::move(socket)), run_(std::move(run)) {}
    Result<Nothing> send(const Json& message);

    std::optional<DatagramSocket> socket_;
    TadaRun run_;
    bool begun_ = false, over_ = false;
};

}  // namespace csim
