// Parsers of bytes and text.
#include "core/json_codec.hpp"
#include "manager/power/pdu_dialogue.hpp"
#include "manager/storage/control_port_source.hpp"
#include "net/http_reader.hpp"
#include "tests/fuzz/targets.hpp"
#include "wire/message.hpp"

#include <nlohmann/json.hpp>

namespace csim::test {

namespace {

/// Feeds in pieces whose sizes the input itself decides, and stops when the reader does.
template <class Reader, class Take>
void feed(Reader& reader, std::string_view input, Take&& take) {
    std::string pending;
    for (std::size_t at = 0; at < input.size();) {
        const std::size_t piece = 1 + static_cast<unsigned char>(input[at]) % 97;
        pending += input.substr(at, piece);
        at += std::min(piece, input.size() - at);
        const ReadStep step = reader.feed(pending);
        if (step.consumed > pending.size()) throw FuzzFailure("more was consumed than there was");
        pending.erase(0, step.consumed);
        if (step.status == ReadStatus::bad) return;
        if (step.status == ReadStatus::complete) return take();
    }
}

void http_request(std::string_view input) {
    RequestReader::BodyLimit limit = [](std::string_view) { return std::size_t{4096}; };
    RequestReader reader(2048, limit);
    feed(reader, input, [&] {
        const HttpRequest request = reader.take();
        if (request.body.size() > 4096) throw FuzzFailure("a body is longer than its limit");
        if (request.method.empty()) throw FuzzFailure("a request has no method");
    });
}

void http_reply(std::string_view input) {
    ReplyReader reader(4096, false);
    feed(reader, input, [&] {
        if (reader.take().body.size() > 4096) throw FuzzFailure("a body is longer than its limit");
    });
}

/// What was understood must mean the same when it is written and read again.
void agent_post(std::string_view input) {
    const auto post = decode_post(input);
    if (!post) {
        if (post.error().detail.empty()) throw FuzzFailure("a refusal says nothing");
        return;
    }
    for (const Message& message : post->messages) {
        if (message.type == MessageType::unknown) return;
    }
    const std::string text = encode(*post);
    const auto again = decode_post(text);
    if (!again) throw FuzzFailure("what was written cannot be read: " + again.error().detail);
    if (encode(*again) != text) throw FuzzFailure("what was written is read as something else");
}

void manager_reply(std::string_view input) {
    const auto messages = decode_messages(input);
    if (!messages && messages.error().detail.empty()) throw FuzzFailure("a refusal says nothing");
}

void json_text(std::string_view input) {
    const auto json = parse_json(input);
    if (!json) return;
    const auto again = parse_json(json->dump(-1, ' ', false, Json::error_handler_t::replace));
    if (!again) throw FuzzFailure("JSON that was written cannot be read");
}

void controller_answer(std::string_view input) {
    const auto report = parse_controller_answer(input);
    if (!report) return;
    for (const auto& [serial, lun] : report->luns) {
        if (serial.empty() || lun.size_bytes < 0) throw FuzzFailure("a LUN makes no sense");
    }
}

void controller_http(std::string_view input) {
    HttpAnswer answer;
    for (std::size_t at = 0; at < input.size(); at += 7) answer.take(input.substr(at, 7));
    const auto body = answer.body();
    if (body && body->size() > input.size()) throw FuzzFailure("a body is longer than the answer");
}

void power_strip(std::string_view input) {
    PduDialogue dialogue(PowerAction::off, "2", "apc", "apc");
    std::size_t said = 0;
    for (std::size_t at = 0; at < input.size() && !dialogue.over(); at += 11)
        said += dialogue.received(input.substr(at, 11)).size();
    if (said > 64 * (input.size() + 16)) throw FuzzFailure("the dialogue never stops talking");
    (void)dialogue.result();
}

const char* post_text =
    R"({"messages":[{"type":"SESSION_CREATE_REQUEST","plugin":"linux","fqdn":"a.b","session_id":null,)"
    R"("session_seq":null,"body":null},{"type":"DATA","plugin":"lustre","fqdn":"a.b","session_id":"u",)"
    R"("session_seq":3,"body":{"x":[1,2.5,"y",null,true]}}],"server_boot_time":"2026-01-01T00:00:00+00:00",)"
    R"("client_start_time":"2026-01-01T00:00:01+00:00"})";

const char* answer_text =
    "<?xml "
    "version='1.0'?><methodResponse><params><param><value><struct><member><name>disks</name><value><struct>"
    "<member><name>w</name><value><struct><member><name>size</name><value><int>2</int></value></member></"
    "struct>"
    "</value></member></struct></value></member><member><name>luns</name><value><struct><member><name>S</"
    "name>"
    "<value><struct><member><name>size</name><value><i8>3</i8></value></member><member><name>wwids</"
    "name><value>"
    "<array><data><value>w</value></data></array></value></member></struct></value></member></struct></value>"
    "</member></struct></value></param></params></methodResponse>";

}  // namespace

std::vector<FuzzTarget> wire_targets() {
    return {
        {"http_request",
         http_request,
         {"GET /api/host/?limit=20 HTTP/1.1\r\nHost: localhost\r\nCookie: a=b\r\n\r\n",
          "POST /api/command/ HTTP/1.1\r\nHost: h\r\nContent-Length: 11\r\n\r\n{\"a\": true}",
          "PUT / HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
          "GET https://h/x HTTP/1.0\r\nExpect: 100-continue\r\n\r\n"}},
        {"http_reply",
         http_reply,
         {"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n{}",
          "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No\r\n\r\n",
          "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"}},
        {"agent_post", agent_post, {post_text, R"({"messages":[]})"}},
        {"manager_reply", manager_reply, {post_text, R"({"messages":[{"type":"SESSION_TERMINATE_ALL"}]})"}},
        {"json_text", json_text, {post_text, "[1,[2,[3,{\"a\":\"\\u00e9\\ud83d\\ude00\"}]]]", "1e5"}},
        {"controller_answer",
         controller_answer,
         {answer_text,
          "<methodResponse><fault><value><struct><member><name>faultString</name><value>no</value>"
          "</member></struct></value></fault></methodResponse>"}},
        {"controller_http",
         controller_http,
         {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello",
          "HTTP/1.1 401 No\r\ncontent-length:0\r\n\r\n"}},
        {"power_strip",
         power_strip,
         {"\r\nUser Name : \r\nPassword  : \r\n------- Control Console\r\n 1- Device Manager\r\n> 1- Outlet "
          "1 ON\r\n"
          " 2- Outlet 2 OFF\r\n> Enter 'YES' to continue or <ENTER> to cancel : Command successfully "
          "issued.\r\n"
          "Press <ENTER> to continue...\r\n> ",
          "\xff\xfb\x01\xff\xfd\x03User Name : "}},
    };
}

}  // namespace csim::test
