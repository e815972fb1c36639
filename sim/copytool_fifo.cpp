#include "sim/copytool_fifo.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>

#include <array>
#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <string>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

namespace csim {
namespace {

constexpr std::size_t line_max = 65'536;

Error failed(const std::filesystem::path& path, const std::string& what) {
    return Error{Errc::io, "cannot read copytool events from " + path.string() + ": " + what};
}

}  // namespace

struct CopytoolFifo::Impl : std::enable_shared_from_this<CopytoolFifo::Impl> {
    Impl(boost::asio::io_context& io, std::filesystem::path where, OnLine to)
        : path(std::move(where)), on_line(std::move(to)), stream(io) {}

    void read() {
        stream.async_read_some(
            boost::asio::buffer(buffer),
            [self = shared_from_this()](const boost::system::error_code& error, std::size_t count) {
                if (error || self->closed) return;
                self->take(std::string_view(self->buffer.data(), count));
                if (!self->closed) self->read();
            }
        );
    }

    void take(std::string_view bytes) {
        for (const char byte : bytes) {
            if (byte != '\n') {
                if (line.size() <= line_max) line += byte;
                continue;
            }
            const std::string whole = std::exchange(line, {});
            if (!whole.empty() && whole.size() <= line_max) on_line(whole);
            if (closed) return;
        }
    }

    std::filesystem::path path;
    OnLine on_line;
    boost::asio::posix::stream_descriptor stream;
    std::array<char, 4096> buffer{};
    std::string line;
    bool closed = false;
};

CopytoolFifo::~CopytoolFifo() {
    impl_->closed = true;
    boost::system::error_code ignored;
    impl_->stream.close(ignored);
    ::unlink(impl_->path.c_str());
}

Result<std::unique_ptr<CopytoolFifo>> CopytoolFifo::open(
    boost::asio::io_context& io, const std::filesystem::path& path, OnLine on_line
) {
    if (::mkfifo(path.c_str(), 0666) != 0 && errno != EEXIST) return failed(path, std::strerror(errno));
    // Open for writing too: without a writer of its own the pipe would end whenever the last one leaves.
    const int fd = ::open(path.c_str(), O_RDWR | O_NONBLOCK | O_NOFOLLOW | O_CLOEXEC);
    if (fd < 0) return failed(path, std::strerror(errno));
    struct stat kind {};
    if (::fstat(fd, &kind) != 0 || !S_ISFIFO(kind.st_mode)) {
        ::close(fd);
        return failed(path, "it is no named pipe");
    }
    // Two readers would each get a part of the events.
    if (::flock(fd, LOCK_EX | LOCK_NB) != 0) {
        ::close(fd);
        return failed(path, "another program reads it already");
    }
    auto impl = std::make_shared<Impl>(io, path, std::move(on_line));
    impl->stream.assign(fd);
    impl->read();
    return std::unique_ptr<CopytoolFifo>(new CopytoolFifo(std::move(impl)));
}

}  // namespace csim
