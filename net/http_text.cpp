#include "net/http_text.hpp"

namespace csim {
namespace {

void append_one_line(std::string& text, const std::string& value) {
    for (const char c : value) text += c == '\r' || c == '\n' || c == '\0' ? ' ' : c;
}

bool belongs_to_framing(const std::string& name) {
    return equal_ignoring_case(name, "Content-Length") || equal_ignoring_case(name, "Connection") ||
           equal_ignoring_case(name, "Transfer-Encoding");
}

void append_fields(std::string& text, const HttpFields& fields) {
    for (const auto& [name, value] : fields) {
        if (belongs_to_framing(name)) continue;
        append_one_line(text, name);
        text += ": ";
        append_one_line(text, value);
        text += "\r\n";
    }
}

bool may_have_body(unsigned status) {
    return status >= 200 && status != 204 && status != 304;
}

}  // namespace

std::string request_text(const HttpRequest& request, const std::string& host) {
    std::string text;
    text.reserve(256 + request.target.size() + request.body.size());
    append_one_line(text, request.method);
    text += ' ';
    append_one_line(text, request.target);
    text += " HTTP/1.1\r\nHost: " + host + "\r\nConnection: keep-alive\r\n";
    append_fields(text, request.headers);
    if (!request.body.empty() || (request.method != "GET" && request.method != "HEAD"))
        text += "Content-Length: " + std::to_string(request.body.size()) + "\r\n";
    text += "\r\n";
    text += request.body;
    return text;
}

std::string authority_text(const std::string& host, std::uint16_t port, std::uint16_t usual_port) {
    const std::string bracketed = host.find(':') == std::string::npos ? host : "[" + host + "]";
    return port == usual_port ? bracketed : bracketed + ":" + std::to_string(port);
}

std::string reply_text(const HttpReply& reply, const ReplyStyle& style) {
    std::string text;
    text.reserve(160 + reply.body.size());
    text += style.http_1_0 ? "HTTP/1.0 " : "HTTP/1.1 ";
    text += std::to_string(reply.status);
    text += ' ';
    text += reason_phrase(reply.status);
    text += "\r\n";
    append_fields(text, reply.headers);
    if (may_have_body(reply.status)) text += "Content-Length: " + std::to_string(reply.body.size()) + "\r\n";
    if (style.close) text += "Connection: close\r\n";
    if (!style.close && style.http_1_0) text += "Connection: keep-alive\r\n";
    text += "\r\n";
    if (may_have_body(reply.status) && !style.to_head) text += reply.body;
    return text;
}

HttpReply error_reply(unsigned status, const std::string& sentence) {
    const std::string title = std::to_string(status) + " " + reason_phrase(status);
    return HttpReply{
        status,
        {{"Content-Type", "text/html"}},
        "<html><head><title>" + title + "</title></head><body><h1>" + title + "</h1><p>" + sentence +
            "</p></body></html>\n"};
}

const char* reason_phrase(unsigned status) {
    switch (status) {
        case 100:
            return "Continue";
        case 200:
            return "OK";
        case 201:
            return "Created";
        case 202:
            return "Accepted";
        case 204:
            return "No Content";
        case 301:
            return "Moved Permanently";
        case 302:
            return "Found";
        case 304:
            return "Not Modified";
        case 400:
            return "Bad Request";
        case 401:
            return "Unauthorized";
        case 403:
            return "Forbidden";
        case 404:
            return "Not Found";
        case 405:
            return "Method Not Allowed";
        case 408:
            return "Request Timeout";
        case 409:
            return "Conflict";
        case 413:
            return "Payload Too Large";
        case 415:
            return "Unsupported Media Type";
        case 429:
            return "Too Many Requests";
        case 431:
            return "Request Header Fields Too Large";
        case 500:
            return "Internal Server Error";
        case 501:
            return "Not Implemented";
        case 502:
            return "Bad Gateway";
        case 503:
            return "Service Unavailable";
        case 504:
            return "Gateway Timeout";
        case 505:
            return "HTTP Version Not Supported";
        default:
            return status < 400 ? "OK" : "Error";
    }
}

}  // namespace csim
