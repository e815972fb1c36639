// The lean server's ways to answer wrongly on purpose.
#include "connections/sink/sink_impl.hpp"

#include <sys/socket.h>

namespace csim::connections {
namespace {

void reset_on_close(int fd) {
    const linger at_once{1, 0};
    setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

}  // namespace

bool Sink::Impl::misbehave(int fd, std::int32_t stream) {
    SinkLive& live = *slot(fd).live;
    const bool h2 = live.h2 != nullptr;
    ++counts.faults;
    switch (options.fault.fault) {
        case Fault::garbage_record:
            scratch.assign({23, 3, 3, 0, 100});
            scratch.append(100, 'g');
            ::send(fd, scratch.data(), scratch.size(), MSG_NOSIGNAL);
            return true;
        case Fault::half_close:
            ::shutdown(fd, SHUT_WR);
            return true;
        case Fault::close_notify:
            close(fd, true);
            return true;
        case Fault::reset:
            reset_on_close(fd);
            close(fd, false);
            return true;
        case Fault::never_answer:
            return true;
        case Fault::unsolicited: {
            Pending twice;
            twice.stream = stream;
            send_reply(fd, twice);
            if (!h2 && alive(fd)) send_reply(fd, twice);
            return true;
        }
        case Fault::oversized_headers:
            if (h2) {
                live.h2->reply(stream, 200, "", std::string(2500, 'o'));
                flush_h2(fd);
            } else {
                live.channel.write("HTTP/1.1 200 X\r\nX: " + std::string(80'000, 'o') + "\r\n\r\n");
            }
            return true;
        case Fault::bad_reply:
            // HTTP/2: HEADERS on stream 0.
            live.channel.write(h2 ? std::string("\0\0\1\1\5\0\0\0\0\x88", 10) : "HTTP/9 oops\r\n\r\n");
            return true;
        case Fault::short_body:
            live.channel.write("HTTP/1.1 200 X\r\nContent-Length: 1000\r\n\r\nshort");
            close(fd, true);
            return true;
        case Fault::go_away:
            if (h2) live.h2->go_away(11);  // ENHANCE_YOUR_CALM
            return false;
        case Fault::reset_stream:
            if (!h2) return false;
            live.h2->reset(stream, 2);  // INTERNAL_ERROR
            flush_h2(fd);
            return true;
        default:
            --counts.faults;
            return false;
    }
}

}  // namespace csim::connections
