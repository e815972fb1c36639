#include "net/websocket.hpp"

#include "core/hex.hpp"

#include <openssl/evp.h>

#include <cctype>

namespace csim {
namespace {

constexpr std::string_view protocol_id = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
constexpr std::size_t control_payload_max = 125;

bool holds_token(const std::string* field, std::string_view token) {
    if (field == nullptr) return false;
    std::string_view rest = *field;
    while (!rest.empty()) {
        const auto comma = std::min(rest.find(','), rest.size());
        std::string_view part = rest.substr(0, comma);
        while (!part.empty() && part.front() == ' ') part.remove_prefix(1);
        while (!part.empty() && part.back() == ' ') part.remove_suffix(1);
        if (equal_ignoring_case(part, token)) return true;
        rest.remove_prefix(std::min(comma + 1, rest.size()));
    }
    return false;
}

bool is_control(WsKind kind) {
    return (static_cast<unsigned>(kind) & 8u) != 0;
}

bool is_known(unsigned opcode) {
    return opcode <= 2 || (opcode >= 8 && opcode <= 10);
}

void unmask(std::string& payload, const unsigned char* mask) {
    for (std::size_t i = 0; i < payload.size(); ++i)
        payload[i] = static_cast<char>(static_cast<unsigned char>(payload[i]) ^ mask[i & 3]);
}

}  // namespace

bool asks_for_websocket(const HttpRequest& request) {
    const std::string* version = find_field(request.headers, "Sec-WebSocket-Version");
    const std::string* key = find_field(request.headers, "Sec-WebSocket-Key");
    return request.method == "GET" && holds_token(find_field(request.headers, "Connection"), "upgrade") &&
           holds_token(find_field(request.headers, "Upgrade"), "websocket") && version != nullptr &&
           *version == "13" && key != nullptr && !key->empty();
}

std::string websocket_accept(std::string_view key) {
    const std::string text = std::string(key) + std::string(protocol_id);
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned int size = 0;
    EVP_Digest(text.data(), text.size(), digest, &size, EVP_sha1(), nullptr);
    return base64_text({reinterpret_cast<const char*>(digest), size});
}

std::string ws_frame(WsKind kind, std::string_view payload, std::uint32_t mask) {
    std::string frame;
    frame.reserve(payload.size() + 14);
    frame += static_cast<char>(0x80u | static_cast<unsigned>(kind));
    const unsigned flag = mask != 0 ? 0x80u : 0;
    const int bytes = payload.size() <= control_payload_max ? 0 : payload.size() <= 0xffff ? 2 : 8;
    frame += static_cast<char>(flag | (bytes == 0 ? payload.size() : bytes == 2 ? 126u : 127u));
    for (int i = bytes - 1; i >= 0; --i) frame += static_cast<char>(payload.size() >> (8 * i) & 0xff);
    if (mask == 0) return frame.append(payload);
    unsigned char key[4];
    for (int i = 0; i < 4; ++i) frame += static_cast<char>(key[i] = mask >> (8 * (3 - i)) & 0xff);
    std::string masked(payload);
    unmask(masked, key);
    return frame += masked;
}

std::string ws_close_payload(unsigned code, std::string_view reason) {
    std::string payload{static_cast<char>(code >> 8), static_cast<char>(code & 0xff)};
    return payload.append(reason.substr(0, control_payload_max - 2));
}

WsReader::Head WsReader::head(std::string_view bytes) const {
    Head found;
    if (bytes.size() < 2) return found;
    const auto at = [&](std::size_t i) { return static_cast<unsigned char>(bytes[i]); };
    const unsigned opcode = at(0) & 0x0fu;
    found.last = (at(0) & 0x80u) != 0;
    found.kind = static_cast<WsKind>(opcode);
    found.masked = (at(1) & 0x80u) != 0;
    found.payload = at(1) & 0x7fu;
    const bool sizes_fit = !is_control(found.kind) || (found.last && found.payload <= control_payload_max);
    if ((at(0) & 0x70u) != 0 || !is_known(opcode) || !sizes_fit || found.masked != (from_ == From::client))
        found.wrong = 1002;
    const std::size_t longer = found.payload == 126 ? 2 : found.payload == 127 ? 8 : 0;
    const std::size_t size = 2 + longer + (found.masked ? 4 : 0);
    if (found.wrong != 0 || bytes.size() < size) return found;
    if (longer != 0) found.payload = 0;
    for (std::size_t i = 0; i < longer; ++i) found.payload = found.payload << 8 | at(2 + i);
    for (std::size_t i = 0; found.masked && i < 4; ++i) found.mask[i] = at(2 + longer + i);
    if (found.payload > message_bytes_max_ - std::min(message_bytes_max_, whole_.size())) found.wrong = 1009;
    found.size = size;
    return found;
}

unsigned WsReader::take(const Head& head, std::string payload, std::vector<WsMessage>& into) {
    if (is_control(head.kind)) {
        into.push_back({head.kind, std::move(payload)});
        return 0;
    }
    const bool continues = head.kind == WsKind::more;
    if (continues != (whole_kind_ != WsKind::more)) return 1002;
    if (!continues) whole_kind_ = head.kind;
    whole_ += payload;
    if (!head.last) return 0;
    into.push_back({whole_kind_, std::exchange(whole_, {})});
    whole_kind_ = WsKind::more;
    return 0;
}

unsigned WsReader::feed(std::string_view bytes, std::vector<WsMessage>& into) {
    if (failed_ != 0) return failed_;
    unread_ += bytes;
    std::size_t done = 0;
    while (failed_ == 0) {
        const std::string_view rest = std::string_view(unread_).substr(done);
        const Head next = head(rest);
        failed_ = next.wrong;
        if (failed_ != 0 || next.size == 0 || rest.size() - next.size < next.payload) break;
        std::string payload(rest.substr(next.size, next.payload));
        if (next.masked) unmask(payload, next.mask);
        done += next.size + next.payload;
        failed_ = take(next, std::move(payload), into);
    }
    unread_.erase(0, done);
    return failed_;
}

}  // namespace csim
