// Reading XML-RPC. Everything that arrives is hostile until it has a type.
#include "sim/control/xml_rpc.hpp"

#include <pugixml.hpp>

#include <charconv>

namespace csim {
namespace {

using Value = Result<XmlRpcReply>;

Error bad(const std::string& path, const std::string& what) {
    return Error{Errc::bad_argument, path + ": " + what};
}

Value read_value(const pugi::xml_node& node, const std::string& path, int depth);

Value read_integer(const std::string& text, const std::string& path) {
    std::int64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, code] = std::from_chars(text.data() + (text.starts_with('+') ? 1 : 0), end, number);
    if (code != std::errc{} || stop != end) return bad(path, "expected an integer of at most 64 bits");
    return XmlRpcReply{number};
}

Value read_double(const std::string& text, const std::string& path) {
    double number = 0;
    const char* const end = text.data() + text.size();
    const auto [stop, code] = std::from_chars(text.data(), end, number);
    if (code != std::errc{} || stop != end) return bad(path, "expected a number");
    return XmlRpcReply{number};
}

Value read_boolean(const std::string& text, const std::string& path) {
    if (text != "0" && text != "1") return bad(path, "expected 0 or 1");
    return XmlRpcReply{text == "1"};
}

Value read_array(const pugi::xml_node& node, const std::string& path, int depth) {
    Json items = Json::array();
    for (const pugi::xml_node each : node.child("data").children("value")) {
        Value item = read_value(each, path + "/" + std::to_string(items.size()), depth + 1);
        if (!item) return item.error();
        items.push_back(std::move(item->value));
    }
    return XmlRpcReply{std::move(items)};
}

Value read_struct(const pugi::xml_node& node, const std::string& path, int depth) {
    Json members = Json::object();
    for (const pugi::xml_node each : node.children("member")) {
        const std::string name = each.child_value("name");
        Value member = read_value(each.child("value"), path + "/" + name, depth + 1);
        if (!member) return member.error();
        members[name] = std::move(member->value);
    }
    return XmlRpcReply{std::move(members)};
}

Value read_typed(const pugi::xml_node& node, const std::string& path, int depth) {
    const std::string_view type = node.name();
    const std::string text = node.text().get();
    if (type == "int" || type == "i4" || type == "i8") return read_integer(text, path);
    if (type == "string" || type == "dateTime.iso8601" || type == "base64") return XmlRpcReply{text};
    if (type == "boolean") return read_boolean(text, path);
    if (type == "double") return read_double(text, path);
    if (type == "nil") return XmlRpcReply{nullptr};
    if (type == "array") return read_array(node, path, depth);
    if (type == "struct") return read_struct(node, path, depth);
    return bad(path, "unknown type '" + std::string(type) + "'");
}

Value read_value(const pugi::xml_node& node, const std::string& path, int depth) {
    if (!node) return bad(path, "expected a value");
    if (depth > rpc_depth_max) return bad(path, "nested deeper than " + std::to_string(rpc_depth_max));
    for (const pugi::xml_node each : node.children()) {
        if (each.type() == pugi::node_element) return read_typed(each, path, depth);
    }
    return XmlRpcReply{node.text().get()};  // a value without a type is a string
}

Result<Nothing> load(pugi::xml_document& document, std::string_view body) {
    if (body.size() > rpc_bytes_max) return Error{Errc::bad_argument, "the request is larger than 16 MiB"};
    constexpr unsigned flags =
        (pugi::parse_default | pugi::parse_doctype | pugi::parse_ws_pcdata_single) & ~pugi::parse_pi;
    const pugi::xml_parse_result parsed =
        document.load_buffer(body.data(), body.size(), flags, pugi::encoding_utf8);
    if (!parsed) {
        return Error{
            Errc::bad_argument,
            std::string("not XML: ") + parsed.description() + " at byte " + std::to_string(parsed.offset)};
    }
    for (const pugi::xml_node each : document.children()) {
        if (each.type() == pugi::node_doctype)
            return Error{Errc::bad_argument, "a document type is not accepted"};
    }
    return Nothing{};
}

}  // namespace

Result<RpcCall> parse_xml_rpc(std::string_view body) {
    pugi::xml_document document;
    if (const auto loaded = load(document, body); !loaded) return loaded.error();
    const pugi::xml_node root = document.child("methodCall");
    if (!root) return Error{Errc::bad_argument, "expected a methodCall"};
    RpcCall call{.method = root.child_value("methodName"), .params = Json::array()};
    if (call.method.empty()) return Error{Errc::bad_argument, "expected a methodName"};
    for (const pugi::xml_node each : root.child("params").children("param")) {
        Value value = read_value(each.child("value"), "/params/" + std::to_string(call.params.size()), 0);
        if (!value) return value.error();
        call.params.push_back(std::move(value->value));
    }
    return call;
}

Result<XmlRpcReply> parse_xml_rpc_reply(std::string_view body) {
    pugi::xml_document document;
    if (const auto loaded = load(document, body); !loaded) return loaded.error();
    const pugi::xml_node root = document.child("methodResponse");
    if (const pugi::xml_node fault = root.child("fault")) {
        const Value value = read_value(fault.child("value"), "/fault", 0);
        const std::string text =
            value && value->value.is_object() ? value->value.value("faultString", "") : "";
        return Error{Errc::conflict, text.empty() ? "the operation failed" : text};
    }
    return read_value(root.child("params").child("param").child("value"), "/result", 0);
}

}  // namespace csim
