// A named pipe into which a copytool, or a test in its place, writes its events: for interoperability only.
#pragma once

#include "core/result.hpp"

#include <boost/asio/io_context.hpp>

#include <filesystem>
#include <functional>
#include <memory>
#include <string_view>

namespace csim {

/// Lines of the pipe, on the thread of the io_context. Writers come and go; at the end the pipe is removed.
class CopytoolFifo {
  public:
    using OnLine = std::function<void(std::string_view)>;
    ~CopytoolFifo();

    /// Makes the pipe, or takes the one that lies there. Errors: io, in one sentence that names it.
    static Result<std::unique_ptr<CopytoolFifo>> open(
        boost::asio::io_context& io, const std::filesystem::path& path, OnLine on_line
    );

  private:
    struct Impl;
    explicit CopytoolFifo(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
    std::shared_ptr<Impl> impl_;
};

}  // namespace csim
