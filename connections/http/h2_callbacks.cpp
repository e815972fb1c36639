#include "connections/http/h2_callbacks.hpp"

#include "connections/http/h2_session_impl.hpp"

#include <algorithm>
#include <string_view>

namespace csim::connections {
namespace {

using Impl = H2Session::Impl;

constexpr std::size_t frame_header_bytes = 9;

std::string_view text(const std::uint8_t* bytes, std::size_t size) {
    return {reinterpret_cast<const char*>(bytes), size};
}

int status_of(std::string_view value) {
    int status = 0;
    for (const char c : value) status = c >= '0' && c <= '9' ? status * 10 + (c - '0') : 0;
    return value.size() == 3 ? status : 0;
}

int on_begin_headers(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    auto& impl = *static_cast<Impl*>(self);
    if (impl.role == H2Session::Role::server) impl.streams[frame->hd.stream_id];
    return 0;
}

int on_header(
    nghttp2_session*, const nghttp2_frame* frame, const std::uint8_t* name, std::size_t name_size,
    const std::uint8_t* value, std::size_t value_size, std::uint8_t, void* self
) {
    auto& impl = *static_cast<Impl*>(self);
    Impl::Stream* stream = impl.find(frame->hd.stream_id);
    if (stream == nullptr) return 0;
    stream->header_bytes += name_size + value_size + 32;
    // The limit is announced; a peer that does not keep it loses the stream.
    if (stream->header_bytes > h2_header_list_max) return NGHTTP2_ERR_TEMPORAL_CALLBACK_FAILURE;
    const std::string_view key = text(name, name_size);
    if (key == ":status") stream->status = status_of(text(value, value_size));
    if (key == ":method") stream->request.method = text(value, value_size);
    if (key == ":path") stream->request.path = text(value, value_size);
    return 0;
}

int on_data(
    nghttp2_session* session, std::uint8_t, std::int32_t id, const std::uint8_t* bytes, std::size_t size,
    void* self
) {
    auto& impl = *static_cast<Impl*>(self);
    Impl::Stream* stream = impl.find(id);
    if (stream == nullptr) return 0;
    stream->received += size;
    if (impl.role == H2Session::Role::client) return 0;
    if (stream->received > request_body_bytes_max)
        return nghttp2_submit_rst_stream(session, NGHTTP2_FLAG_NONE, id, NGHTTP2_REFUSED_STREAM);
    stream->request.body.append(text(bytes, size));
    return 0;
}

int on_frame(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    auto& impl = *static_cast<Impl*>(self);
    const bool answers = frame->hd.flags & NGHTTP2_FLAG_ACK;
    switch (frame->hd.type) {
        case NGHTTP2_SETTINGS:
            if (answers) impl.acknowledged = true;
            if (!answers) impl.note_settings(frame->settings);
            break;
        case NGHTTP2_PING:
            if (answers) impl.pinging = false;
            break;
        case NGHTTP2_GOAWAY:
            impl.last_allowed = frame->goaway.last_stream_id;
            impl.events.going_away(frame->goaway.error_code, frame->goaway.last_stream_id);
            break;
        case NGHTTP2_HEADERS:
            if (Impl::Stream* stream = impl.find(frame->hd.stream_id); stream != nullptr && !stream->first) {
                stream->first = true;
                impl.events.first_bytes(frame->hd.stream_id);
            }
            [[fallthrough]];
        case NGHTTP2_DATA:
            if (frame->hd.flags & NGHTTP2_FLAG_END_STREAM) impl.on_whole_message(frame->hd.stream_id);
            break;
        default:
            break;
    }
    return 0;
}

/// A GOAWAY with an error that nobody asked for is the library's verdict on the peer.
int on_sent(nghttp2_session*, const nghttp2_frame* frame, void* self) {
    auto& impl = *static_cast<Impl*>(self);
    if (frame->hd.type == NGHTTP2_GOAWAY && !impl.leaving && impl.error == 0)
        impl.error = frame->goaway.error_code;
    return 0;
}

int on_stream_close(nghttp2_session*, std::int32_t id, std::uint32_t code, void* self) {
    static_cast<Impl*>(self)->on_end_of_stream(id, code);
    return 0;
}

}  // namespace

void FrameBoundary::feed(std::string_view bytes) {
    while (!bytes.empty()) {
        if (left_ > 0) {
            const std::size_t piece = std::min(left_, bytes.size());
            left_ -= piece;
            bytes.remove_prefix(piece);
            continue;
        }
        if (header_bytes_ < 3) length_ = length_ << 8 | static_cast<std::uint8_t>(bytes.front());
        bytes.remove_prefix(1);
        if (++header_bytes_ < frame_header_bytes) continue;
        left_ = length_ & 0xffffff;
        header_bytes_ = 0;
        length_ = 0;
    }
}

const nghttp2_session_callbacks* h2_callbacks() {
    static const nghttp2_session_callbacks* const made = [] {
        nghttp2_session_callbacks* all = nullptr;
        nghttp2_session_callbacks_new(&all);
        nghttp2_session_callbacks_set_on_begin_headers_callback(all, on_begin_headers);
        nghttp2_session_callbacks_set_on_header_callback(all, on_header);
        nghttp2_session_callbacks_set_on_data_chunk_recv_callback(all, on_data);
        nghttp2_session_callbacks_set_on_frame_recv_callback(all, on_frame);
        nghttp2_session_callbacks_set_on_frame_send_callback(all, on_sent);
        nghttp2_session_callbacks_set_on_stream_close_callback(all, on_stream_close);
        return all;
    }();
    return made;
}

}  // namespace csim::connections
