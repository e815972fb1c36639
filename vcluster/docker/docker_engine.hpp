// One Docker engine, or podman's compatible service, over its HTTP interface.
#pragma once

#include "core/json.hpp"
#include "net/engine_http.hpp"
#include "runtime/node_types.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <string>
#include <string_view>

namespace csim {

/// One engine. Calls block.
class DockerEngine {
  public:
    explicit DockerEngine(EngineHttp http) : http_(std::move(http)) {}

    struct Reply {
        unsigned status = 0;
        Json body;
    };
    /// Errors: not_found, conflict, refused, io by the engine's status, with its own sentence; or of the
    /// wire.
    Result<Reply> call(
        const std::string& method, const std::string& target, const Json& body, const CallLimit& limit = {}
    ) const;
    /// Runs a command and waits for its end.
    Result<ExecResult> exec(const std::string& container, const ExecSpec& spec, const CallLimit& limit) const;
    const EngineHttp& http() const { return http_; }

  private:
    EngineHttp http_;
};

/// Takes the engine's framing apart: a byte for the stream, three of zero, four of length, the payload.
/// Frames may be split anywhere.
class FrameReader {
  public:
    using Heard = std::function<void(int stream, std::string_view text)>;
    explicit FrameReader(Heard heard) : heard_(std::move(heard)) {}
    void feed(std::string_view bytes);

  private:
    Heard heard_;
    std::string head_;
    std::size_t left_ = 0;
};

}  // namespace csim
