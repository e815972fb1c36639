// Writing XML-RPC.
#include "sim/control/xml_rpc.hpp"

#include <cmath>
#include <cstdint>
#include <limits>

namespace csim {
namespace {

/// Text as character data. Characters that XML 1.0 cannot carry at all become U+FFFD.
std::string escaped(std::string_view text) {
    std::string out;
    for (const char c : text) {
        switch (c) {
            case '&':
                out += "&amp;";
                break;
            case '<':
                out += "&lt;";
                break;
            case '>':
                out += "&gt;";
                break;
            case '\r':
                out += "&#13;";
                break;
            default:
                if (static_cast<unsigned char>(c) < 0x20 && c != '\t' && c != '\n') {
                    out += "\xEF\xBF\xBD";
                } else {
                    out += c;
                }
        }
    }
    return out;
}

void write_value(std::string& out, const Json& value);

void write_integer(std::string& out, const Json& value) {
    if (value.is_number_unsigned() && value.get<std::uint64_t>() > std::numeric_limits<std::int64_t>::max()) {
        out += "<string>" + value.dump() + "</string>";
        return;
    }
    const auto number = value.get<std::int64_t>();
    const bool small = number >= std::numeric_limits<std::int32_t>::min() &&
                       number <= std::numeric_limits<std::int32_t>::max();
    const char* const type = small ? "int" : "i8";
    out += std::string("<") + type + ">" + std::to_string(number) + "</" + type + ">";
}

void write_members(std::string& out, const Json& value) {
    out += "<struct>";
    for (const auto& [name, member] : value.items()) {
        out += "<member><name>" + escaped(name) + "</name>";
        write_value(out, member);
        out += "</member>";
    }
    out += "</struct>";
}

void write_items(std::string& out, const Json& value) {
    out += "<array><data>";
    for (const Json& item : value) write_value(out, item);
    out += "</data></array>";
}

void write_value(std::string& out, const Json& value) {
    out += "<value>";
    switch (value.type()) {
        case Json::value_t::null:
            out += "<nil/>";
            break;
        case Json::value_t::boolean:
            out += value.get<bool>() ? "<boolean>1</boolean>" : "<boolean>0</boolean>";
            break;
        case Json::value_t::number_integer:
        case Json::value_t::number_unsigned:
            write_integer(out, value);
            break;
        case Json::value_t::number_float:
            out += "<double>" + value.dump() + "</double>";
            break;
        case Json::value_t::string:
            out += "<string>" + escaped(value.get_ref<const std::string&>()) + "</string>";
            break;
        case Json::value_t::object:
            write_members(out, value);
            break;
        default:
            write_items(out, value);
            break;
    }
    out += "</value>";
}

constexpr std::string_view declaration = "<?xml version='1.0'?>\n";

}  // namespace

std::string xml_rpc_result(const Json& value) {
    std::string out(declaration);
    out += "<methodResponse><params><param>";
    write_value(out, value);
    return out + "</param></params></methodResponse>\n";
}

std::string xml_rpc_fault(const RpcFault& fault) {
    std::string out(declaration);
    out += "<methodResponse><fault>";
    write_value(out, Json{{"faultCode", fault.code}, {"faultString", fault.text}});
    return out + "</fault></methodResponse>\n";
}

std::string xml_rpc_call(const RpcCall& call) {
    std::string out(declaration);
    out += "<methodCall><methodName>" + escaped(call.method) + "</methodName><params>";
    for (const Json& each : call.params) {
        out += "<param>";
        write_value(out, each);
        out += "</param>";
    }
    return out + "</params></methodCall>\n";
}

}  // namespace csim
