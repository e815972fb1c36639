// Asks controllers over a simulator's control port, as the storage plugin of other managers does.
#pragma once

#include "manager/storage/controller_source.hpp"
#include "net/byte_client.hpp"

#include <string>

namespace csim {

struct ControlPort {
    std::string address = "127.0.0.1";  ///< numeric
    std::uint16_t port = 8743;
    std::string token;  ///< empty: none is needed
    Duration limit = std::chrono::seconds(10);
};

class ControlPortSource final : public ControllerSource {
  public:
    /// `inbox` outlives this.
    ControlPortSource(Inbox& inbox, ControlPort at) : at_(std::move(at)), talks_(inbox) {}

    void poll(std::int64_t controller, Done done) override;

  private:
    ControlPort at_;
    ByteClient talks_;
};

/// An HTTP reply as it arrives. Used through ControlPortSource; apart for tests.
class HttpAnswer {
  public:
    /// More bytes of it. Harmless when over.
    void take(std::string_view bytes);
    bool over() const { return over_; }
    /// The body of a 200 reply. Errors: corrupt, refused (another status).
    Result<std::string> body() const;

  private:
    void read_head();

    std::string text_;
    std::size_t body_begin_ = 0;  ///< 0: the head is not complete
    std::size_t length_ = 0;
    unsigned status_ = 0;
    bool over_ = false;
    bool broken_ = false;
};

}  // namespace csim
