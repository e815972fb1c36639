#include "connections/fleet/message_socket.hpp"

#include <cerrno>
#include <cstdint>
#include <cstring>
#include <fcntl.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace csim::connections {
namespace {

constexpr std::size_t header_bytes = 5;

}  // namespace

MessageSocket::MessageSocket(int fd) : fd_(fd) {
    fcntl(fd_, F_SETFL, fcntl(fd_, F_GETFL) | O_NONBLOCK);
}

MessageSocket::MessageSocket(MessageSocket&& other) noexcept {
    *this = std::move(other);
}

MessageSocket& MessageSocket::operator=(MessageSocket&& other) noexcept {
    if (this == &other) return *this;
    if (fd_ >= 0) ::close(fd_);
    fd_ = std::exchange(other.fd_, -1);
    broken_ = other.broken_;
    in_ = std::move(other.in_);
    out_ = std::move(other.out_);
    return *this;
}

MessageSocket::~MessageSocket() {
    if (fd_ >= 0) ::close(fd_);
}

void MessageSocket::send(Word word, std::string_view bytes) {
    const auto size = static_cast<std::uint32_t>(bytes.size());
    char header[header_bytes];
    std::memcpy(header, &size, sizeof size);
    header[4] = static_cast<char>(word);
    out_.append(header, sizeof header).append(bytes);
    pump();
}

void MessageSocket::pump() {
    if (fd_ < 0 || broken_) return;
    while (!out_.empty()) {
        const auto n = ::send(fd_, out_.data(), out_.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
        if (n < 0 && errno != EAGAIN && errno != EINTR) broken_ = true;
        if (n <= 0) break;
        out_.erase(0, static_cast<std::size_t>(n));
    }
    char piece[65'536];
    for (;;) {
        const auto n = ::recv(fd_, piece, sizeof piece, MSG_DONTWAIT);
        if (n > 0) {
            in_.append(piece, static_cast<std::size_t>(n));
            continue;
        }
        if (n == 0 || (errno != EAGAIN && errno != EINTR)) broken_ = true;
        return;
    }
}

std::optional<Message> MessageSocket::receive() {
    if (in_.size() < header_bytes) return {};
    std::uint32_t size = 0;
    std::memcpy(&size, in_.data(), sizeof size);
    if (size > message_bytes_max) {
        broken_ = true;
        in_.clear();
        return {};
    }
    if (in_.size() < header_bytes + size) return {};
    Message made{static_cast<Word>(in_[4]), in_.substr(header_bytes, size)};
    in_.erase(0, header_bytes + size);
    return made;
}

void MessageSocket::flush(int limit_ms) {
    while (wants_write() && !broken_) {
        pollfd waiting{fd_, POLLOUT, 0};
        if (poll(&waiting, 1, limit_ms) <= 0) return;
        pump();
    }
}

}  // namespace csim::connections
