#include "connections/http/h2_session.hpp"

#include "connections/http/h2_callbacks.hpp"
#include "connections/http/h2_session_impl.hpp"

#include <algorithm>
#include <cstring>
#include <new>

namespace csim::connections {
namespace {

constexpr std::size_t preface_bytes = NGHTTP2_CLIENT_MAGIC_LEN;
constexpr std::int32_t default_window = 65'535;
constexpr std::uint32_t give_back_from = 16'384;
constexpr std::uint32_t stream_id_max = 0x7fffffff - 2;

using Impl = H2Session::Impl;

/// Frames as a peer would send them, to bring a new session to where the frozen one was.
void put_frame(
    std::string& out, std::uint8_t type, std::uint8_t flags, std::string_view payload,
    std::uint32_t stream = 0
) {
    const std::size_t size = payload.size();
    out +=
        {static_cast<char>(size >> 16), static_cast<char>(size >> 8), static_cast<char>(size),
         static_cast<char>(type), static_cast<char>(flags)};
    for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(stream >> shift);
    out.append(payload);
}

std::string four_bytes(std::uint32_t value) {
    std::string made;
    for (int shift = 24; shift >= 0; shift -= 8) made += static_cast<char>(value >> shift);
    return made;
}

std::string settings_payload(const H2Settings& settings) {
    std::string made;
    for (const auto& [id, value] : settings) {
        made += {static_cast<char>(id >> 8), static_cast<char>(id)};
        made += four_bytes(value);
    }
    return made;
}

nghttp2_nv field(std::string_view name, std::string_view value) {
    const auto bytes = [](std::string_view text) {
        return reinterpret_cast<std::uint8_t*>(const_cast<char*>(text.data()));
    };
    return {bytes(name), bytes(value), name.size(), value.size(), NGHTTP2_NV_FLAG_NONE};
}

using Session = nghttp2_session;
using Source = nghttp2_data_source;
using Flags = std::uint32_t;

ssize_t
read_body(Session*, std::int32_t, std::uint8_t* to, std::size_t size, Flags* flags, Source* from, void*) {
    auto& stream = *static_cast<Impl::Stream*>(from->ptr);
    const std::size_t piece = std::min(size, stream.sending.size() - stream.sent);
    std::memcpy(to, stream.sending.data() + stream.sent, piece);
    stream.sent += piece;
    if (stream.sent == stream.sending.size()) *flags |= NGHTTP2_DATA_FLAG_EOF;
    return static_cast<ssize_t>(piece);
}

const nghttp2_option* session_options() {
    static const nghttp2_option* const made = [] {
        nghttp2_option* option = nullptr;
        nghttp2_option_new(&option);
        nghttp2_option_set_no_closed_streams(option, 1);
        nghttp2_option_set_max_deflate_dynamic_table_size(option, 0);
        nghttp2_option_set_max_send_header_block_length(option, 1 << 20);
        return option;
    }();
    return made;
}

void submit_settings(nghttp2_session* session, H2Session::Role role, const H2Options& options, bool fresh) {
    std::vector<nghttp2_settings_entry> entries;
    const auto add = [&](std::int32_t id, std::uint32_t value) { entries.push_back({id, value}); };
    // Only at first: the peer has announced the empty table in its header blocks already, and a thawed
    // session would wait for it to do so again.
    if (fresh) add(NGHTTP2_SETTINGS_HEADER_TABLE_SIZE, 0);
    if (role == H2Session::Role::client) add(NGHTTP2_SETTINGS_ENABLE_PUSH, 0);
    if (role == H2Session::Role::server) add(NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, options.streams_max);
    add(NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, options.initial_window);
    add(NGHTTP2_SETTINGS_MAX_HEADER_LIST_SIZE, h2_header_list_max);
    nghttp2_submit_settings(session, NGHTTP2_FLAG_NONE, entries.data(), entries.size());
    nghttp2_session_set_local_window_size(session, NGHTTP2_FLAG_NONE, 0, options.connection_window);
}

}  // namespace

Impl::Impl(Role role, const H2Options& options, H2Events& events, bool fresh)
    : events(events), role(role), boundary(fresh && role == Role::server ? preface_bytes : 0) {
    const auto make = role == Role::client ? nghttp2_session_client_new2 : nghttp2_session_server_new2;
    if (make(&session, h2_callbacks(), this, session_options()) != 0) throw std::bad_alloc();
    submit_settings(session, role, options, fresh);
}

Impl::~Impl() {
    nghttp2_session_del(session);
}

Impl::Stream* Impl::find(std::int32_t id) {
    const auto found = streams.find(id);
    return found == streams.end() ? nullptr : &found->second;
}

void Impl::note_settings(const nghttp2_settings& frame) {
    peer_told = true;
    for (std::size_t i = 0; i < frame.niv; ++i) {
        const auto id = frame.iv[i].settings_id;
        const auto same = [&](const auto& each) { return each.first == id; };
        peer.erase(std::remove_if(peer.begin(), peer.end(), same), peer.end());
        peer.emplace_back(id, frame.iv[i].value);
    }
}

void Impl::on_whole_message(std::int32_t id) {
    Stream* stream = find(id);
    if (stream == nullptr || role == Role::client) return;
    events.asked(id, std::move(stream->request));
}

void Impl::on_end_of_stream(std::int32_t id, std::uint32_t code) {
    const auto found = streams.find(id);
    if (found == streams.end()) return;
    H2Answer answer{id, found->second.status, found->second.received, code, false};
    answer.refused = code == NGHTTP2_REFUSED_STREAM || id > last_allowed;
    streams.erase(found);
    if (role == Role::client) events.answered(answer);
}

void Impl::drop_output() {
    const std::uint8_t* bytes = nullptr;
    while (nghttp2_session_mem_send(session, &bytes) > 0) {
    }
}

void Impl::collect_output() {
    const std::uint8_t* bytes = nullptr;
    for (ssize_t n; (n = nghttp2_session_mem_send(session, &bytes)) > 0;)
        output.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(n));
}

void Impl::replay(const H2Idle& idle, const H2Settings& settings) {
    std::string bytes = role == Role::server ? std::string(NGHTTP2_CLIENT_MAGIC, preface_bytes) : "";
    put_frame(bytes, NGHTTP2_SETTINGS, 0, settings_payload(settings));
    put_frame(bytes, NGHTTP2_SETTINGS, NGHTTP2_FLAG_ACK, {});
    if (idle.send_window > default_window)
        put_frame(
            bytes, NGHTTP2_WINDOW_UPDATE, 0,
            four_bytes(static_cast<std::uint32_t>(idle.send_window - default_window))
        );
    drop_output();
    nghttp2_session_mem_recv(session, reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size());
    drop_output();
    if (role == Role::client)
        nghttp2_session_set_next_stream_id(session, static_cast<std::int32_t>(idle.next_stream));
    unreturned = idle.unreturned;
}

H2Session::H2Session(Role role, const H2Options& options, H2Events& events)
    : impl_(std::make_unique<Impl>(role, options, events, true)) {}

H2Session::H2Session(
    Role role, const H2Options& options, H2Events& events, const H2Idle& idle, const H2Settings& peer
)
    : impl_(std::make_unique<Impl>(role, options, events, false)) {
    impl_->replay(idle, peer);
}

H2Session::~H2Session() = default;

bool H2Session::feed(std::string_view bytes) {
    impl_->boundary.feed(bytes);
    const auto* data = reinterpret_cast<const std::uint8_t*>(bytes.data());
    const ssize_t used = nghttp2_session_mem_recv(impl_->session, data, bytes.size());
    impl_->collect_output();
    if (used < 0 && impl_->error == 0)
        impl_->error = used == NGHTTP2_ERR_FLOODED ? NGHTTP2_ENHANCE_YOUR_CALM : NGHTTP2_PROTOCOL_ERROR;
    return impl_->error == 0;
}

std::uint32_t H2Session::code() const {
    return impl_->error == 0 ? std::uint32_t(NGHTTP2_PROTOCOL_ERROR) : impl_->error;
}

void H2Session::drain(std::string& out) {
    impl_->collect_output();
    if (out.empty()) {
        std::swap(out, impl_->output);
    } else {
        out.append(impl_->output);
    }
    impl_->output.clear();
}

std::int32_t H2Session::request(
    std::string_view method, std::string_view authority, std::string_view path, std::string_view body,
    const H2Fields& fields
) {
    const auto next = static_cast<std::int32_t>(nghttp2_session_get_next_stream_id(impl_->session));
    if (static_cast<std::uint32_t>(next) > stream_id_max) return -1;
    Impl::Stream& stream = impl_->streams[next];
    stream.sending = body;
    const std::string length = std::to_string(body.size());
    std::vector<nghttp2_nv> all{
        field(":method", method), field(":scheme", "https"), field(":authority", authority),
        field(":path", path)};
    for (const auto& [name, value] : fields) all.push_back(field(name, value));
    if (!body.empty()) all.push_back(field("content-length", length));
    nghttp2_data_provider provider{{.ptr = &stream}, read_body};
    const std::int32_t id = nghttp2_submit_request(
        impl_->session, nullptr, all.data(), all.size(), body.empty() ? nullptr : &provider, nullptr
    );
    if (id < 0) impl_->streams.erase(next);
    return id;
}

void H2Session::reply(std::int32_t id, int status, std::string_view body, std::string_view filler) {
    Impl::Stream* stream = impl_->find(id);
    if (stream == nullptr) return;
    stream->sending = body;
    const std::string code = std::to_string(status), length = std::to_string(body.size());
    std::vector<nghttp2_nv> fields{field(":status", code), field("content-length", length)};
    if (!filler.empty()) fields.insert(fields.end(), 32, field("x-filler", filler));
    nghttp2_data_provider provider{{.ptr = stream}, read_body};
    nghttp2_submit_response(
        impl_->session, id, fields.data(), fields.size(), body.empty() ? nullptr : &provider
    );
}

void H2Session::reset(std::int32_t stream, std::uint32_t code) {
    nghttp2_submit_rst_stream(impl_->session, NGHTTP2_FLAG_NONE, stream, code);
}

void H2Session::go_away(std::uint32_t code) {
    impl_->leaving = true;
    const std::int32_t last = nghttp2_session_get_last_proc_stream_id(impl_->session);
    nghttp2_submit_goaway(impl_->session, NGHTTP2_FLAG_NONE, last, code, nullptr, 0);
}

void H2Session::ping() {
    impl_->pinging = true;
    nghttp2_submit_ping(impl_->session, NGHTTP2_FLAG_NONE, nullptr);
}

bool H2Session::pinging() const {
    return impl_->pinging;
}

bool H2Session::can_request() const {
    const std::uint32_t allowed =
        nghttp2_session_get_remote_settings(impl_->session, NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS);
    return impl_->streams.size() < allowed && impl_->last_allowed == 0x7fffffff;
}

bool H2Session::settled() const {
    return impl_->acknowledged;
}

std::size_t H2Session::open_streams() const {
    return impl_->streams.size();
}

bool H2Session::can_freeze() const {
    const Impl& impl = *impl_;
    return impl.streams.empty() && impl.acknowledged && impl.peer_told && impl.error == 0 &&
           impl.last_allowed == 0x7fffffff && !impl.leaving && !impl.pinging && impl.output.empty() &&
           impl.boundary.between() && nghttp2_session_want_write(impl.session) == 0 &&
           nghttp2_session_get_remote_window_size(impl.session) >= default_window;
}

H2Idle H2Session::freeze(H2Profiles& profiles, std::string& out) {
    H2Idle idle;
    idle.profile = profiles.number_of(impl_->peer);
    idle.next_stream = nghttp2_session_get_next_stream_id(impl_->session);
    idle.send_window = nghttp2_session_get_remote_window_size(impl_->session);
    idle.unreturned =
        impl_->unreturned +
        static_cast<std::uint32_t>(std::max(nghttp2_session_get_effective_recv_data_length(impl_->session), 0)
        );
    if (idle.unreturned < give_back_from) return idle;
    put_frame(out, NGHTTP2_WINDOW_UPDATE, 0, four_bytes(idle.unreturned));
    idle.unreturned = 0;
    return idle;
}

}  // namespace csim::connections
