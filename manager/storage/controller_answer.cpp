// Reading XML-RPC answers. What arrives is hostile until it has a type.
#include "manager/storage/controller_source.hpp"

#include <pugixml.hpp>

#include <charconv>
#include <optional>

namespace csim {

namespace {

constexpr std::size_t answer_bytes_max = 16u << 20;
constexpr std::int64_t mebibyte = 1 << 20;

Error corrupt(const std::string& what) {
    return Error{Errc::corrupt, "the simulator's answer cannot be understood: " + what};
}

/// The member of a struct; an empty node if there is none.
pugi::xml_node member(const pugi::xml_node& value, const char* name) {
    for (const pugi::xml_node each : value.child("struct").children("member")) {
        if (std::string_view(each.child_value("name")) == name) return each.child("value");
    }
    return {};
}

std::string text_of(const pugi::xml_node& value) {
    const pugi::xml_node typed = value.first_child();
    return typed.type() == pugi::node_element ? typed.text().get() : value.text().get();
}

std::optional<std::int64_t> size_of(const pugi::xml_node& value) {
    const std::string text = text_of(value);
    std::int64_t mib = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), mib);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    if (!whole || mib < 0 || mib > INT64_MAX / mebibyte) return std::nullopt;
    return mib * mebibyte;
}

Result<Nothing> read_luns(const pugi::xml_node& luns, ControllerReport& report) {
    for (const pugi::xml_node each : luns.child("struct").children("member")) {
        const std::string serial = each.child_value("name");
        const auto size = size_of(member(each.child("value"), "size"));
        if (serial.empty() || !size) return corrupt("LUN '" + serial + "' has no size in whole MiB");
        ControllerReport::Lun lun{*size, {}};
        const pugi::xml_node wwids = member(each.child("value"), "wwids");
        for (const pugi::xml_node wwid : wwids.child("array").child("data").children("value"))
            lun.wwids.push_back(text_of(wwid));
        report.luns[serial] = std::move(lun);
    }
    return Nothing{};
}

Result<Nothing> read_disks(const pugi::xml_node& disks, ControllerReport& report) {
    for (const pugi::xml_node each : disks.child("struct").children("member")) {
        const std::string wwid = each.child_value("name");
        const auto size = size_of(member(each.child("value"), "size"));
        if (wwid.empty() || !size) return corrupt("disk '" + wwid + "' has no size in whole MiB");
        report.disks[wwid] = *size;
    }
    return Nothing{};
}

}  // namespace

std::string controller_request(std::int64_t controller) {
    return "<?xml version='1.0'?>\n<methodCall><methodName>poll_fake_controller</methodName><params><param>"
           "<value><i8>" +
           std::to_string(controller) + "</i8></value></param></params></methodCall>\n";
}

Result<ControllerReport> parse_controller_answer(std::string_view body) {
    if (body.size() > answer_bytes_max) return corrupt("it is larger than 16 MiB");
    pugi::xml_document document;
    const auto parsed = document.load_buffer(
        body.data(), body.size(), pugi::parse_default & ~pugi::parse_doctype, pugi::encoding_utf8
    );
    if (!parsed) return corrupt(std::string("not XML: ") + parsed.description());
    const pugi::xml_node answer = document.child("methodResponse");
    if (const pugi::xml_node fault = answer.child("fault"))
        return Error{Errc::refused, text_of(member(fault.child("value"), "faultString"))};
    const pugi::xml_node value = answer.child("params").child("param").child("value");
    const pugi::xml_node luns = member(value, "luns"), disks = member(value, "disks");
    if (!luns.child("struct") || !disks.child("struct")) return corrupt("luns and disks are expected");
    ControllerReport report;
    if (auto read = read_luns(luns, report); !read) return read.error();
    if (auto read = read_disks(disks, report); !read) return read.error();
    return report;
}

}  // namespace csim
