// The job: pings at a steady pace, written down as `ping` does it.
#include "runtime/init/settings.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <netinet/ip.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

namespace csim::init {
namespace {

std::int64_t now_us() {
    timespec now{};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1'000'000LL + now.tv_nsec / 1000;
}

std::uint16_t checksum(const void* data, std::size_t size) {
    std::uint32_t sum = 0;
    const auto* bytes = static_cast<const unsigned char*>(data);
    for (std::size_t i = 0; i + 1 < size; i += 2)
        sum += static_cast<std::uint32_t>(bytes[i] << 8 | bytes[i + 1]);
    while (sum >> 16 != 0) sum = (sum & 0xffff) + (sum >> 16);
    return htons(static_cast<std::uint16_t>(~sum));
}

int stamp(char* room, std::size_t size, const char* word) {
    const std::time_t seconds = std::time(nullptr);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char date[40];
    std::strftime(date, sizeof date, "%Y-%m-%d %H:%M:%S+00:00", &parts);
    return std::snprintf(room, size, "%s at %s\n", word, date);
}

/// What goes over the wire: 56 bytes behind the header, as ping sends them.
struct Echo {
    icmphdr header;
    char padding[56];
};

/// Sends one echo request. `sequence` as people count.
void send_echo(int socket, std::uint32_t address, int sequence) {
    Echo echo{};
    echo.header.type = ICMP_ECHO;
    echo.header.un.echo.id = htons(7);
    echo.header.un.echo.sequence = htons(static_cast<std::uint16_t>(sequence));
    echo.header.checksum = checksum(&echo, sizeof echo);
    sockaddr_in to{};
    to.sin_family = AF_INET;
    to.sin_addr.s_addr = address;
    ::sendto(socket, &echo, sizeof echo, 0, reinterpret_cast<const sockaddr*>(&to), sizeof to);
}

}  // namespace

void await_hub(const Settings& settings) {
    if (*settings.hub == '\0') return;
    const int fd = ::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_ICMP);
    if (fd < 0) refuse(settings, "socket(icmp)");
    in_addr hub{};
    inet_pton(AF_INET, settings.hub, &hub);
    const std::int64_t end = now_us() + 20'000'000;
    for (int wait_ms = 2;; wait_ms = wait_ms < 64 ? wait_ms * 2 : 64) {
        send_echo(fd, hub.s_addr, 0);
        pollfd answer{fd, POLLIN, 0};
        if (::poll(&answer, 1, wait_ms) > 0) break;
        errno = ETIMEDOUT;
        if (now_us() > end) refuse(settings, "ping(bridge)");
    }
    ::close(fd);
}

void Pinger::say(const char* text, int length) {
    [[maybe_unused]] const auto n = ::write(log_, text, static_cast<std::size_t>(length));
}

void Pinger::begin() {
    char room[160];
    ::mkdir("/home", 0755);
    ::mkdir("/home/ubuntu", 0755);
    log_ = ::open(settings_.log, O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC, 0644);
    socket_ = ::socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, IPPROTO_ICMP);
    const bool local = std::strcmp(settings_.target, "localhost") == 0;
    std::snprintf(dotted_, sizeof dotted_, "%s", local ? "127.0.0.1" : settings_.target);
    in_addr address{};
    inet_pton(AF_INET, dotted_, &address);
    address_ = address.s_addr;
    say(room, stamp(room, sizeof room, "START"));
    say(room,
        std::snprintf(room, sizeof room, "PING %s (%s) 56(84) bytes of data.\n", settings_.target, dotted_));
    next_us_ = now_us();
    begun_ = true;
}

int Pinger::due_ms() const {
    if (!begun_ || over_) return -1;
    const std::int64_t left = next_us_ - now_us();
    return left <= 0 ? 0 : static_cast<int>((left + 999) / 1000);
}

void Pinger::step(bool readable) {
    if (!begun_ || over_) return;
    if (readable) receive();
    if (sent_ == settings_.pings && (received_ == sent_ || now_us() >= next_us_)) return finish();
    if (now_us() < next_us_) return;
    send_one();
}

void Pinger::send_one() {
    sent_us_ = now_us();
    next_us_ += settings_.interval_ms * 1000;
    send_echo(socket_, address_, ++sent_);
}

void Pinger::receive() {
    char room[256];
    for (;;) {
        const auto n = ::recv(socket_, room, sizeof room, 0);
        if (n <= 0) return;
        const auto header = static_cast<std::size_t>(reinterpret_cast<const iphdr*>(room)->ihl) * 4;
        if (static_cast<std::size_t>(n) < header + sizeof(icmphdr)) continue;
        icmphdr icmp{};
        std::memcpy(&icmp, room + header, sizeof icmp);
        if (icmp.type != ICMP_ECHOREPLY || ntohs(icmp.un.echo.sequence) != (sent_ & 0xffff) ||
            received_ == sent_)
            continue;
        const std::int64_t took = now_us() - sent_us_;
        min_us_ = received_ == 0 || took < min_us_ ? took : min_us_;
        max_us_ = took > max_us_ ? took : max_us_;
        sum_us_ += took;
        ++received_;
        char line[128];
        say(line, std::snprintf(
                      line, sizeof line, "64 bytes from %s: icmp_seq=%d ttl=64 time=%.3f ms\n", dotted_,
                      sent_, static_cast<double>(took) / 1000
                  ));
    }
}

void Pinger::finish() {
    char room[256];
    over_ = true;
    say(room, std::snprintf(
                  room, sizeof room,
                  "\n--- %s ping statistics ---\n%d packets transmitted, %d received, %d%% packet loss\n",
                  settings_.target, sent_, received_, sent_ == 0 ? 0 : (sent_ - received_) * 100 / sent_
              ));
    const double mean = received_ == 0 ? 0 : static_cast<double>(sum_us_) / received_ / 1000;
    say(room, received_ == 0
                  ? std::snprintf(room, sizeof room, "\n")
                  : std::snprintf(
                        room, sizeof room, "rtt min/avg/max/mdev = %.3f/%.3f/%.3f/0.000 ms\n",
                        static_cast<double>(min_us_) / 1000, mean, static_cast<double>(max_us_) / 1000
                    ));
    const int length = stamp(room, sizeof room - 1, "STOP");
    room[length] = '\n';
    say(room, length + 1);
    ::close(socket_);
    socket_ = -1;
    ::close(log_);
}

}  // namespace csim::init
