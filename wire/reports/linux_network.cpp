#include "wire/reports/linux_network.hpp"

#include "core/json_codec.hpp"

#include <charconv>

namespace csim {
namespace {

/// A byte counter as decimal text, or as the number that some agents send.
Result<std::uint64_t> byte_counter(const Json& json, const char* key) {
    const auto found = json.find(key);
    if (found == json.end()) return std::uint64_t{0};
    if (found->is_number_unsigned()) return found->get<std::uint64_t>();
    if (found->is_string()) {
        const auto& text = found->get_ref<const std::string&>();
        std::uint64_t value = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
        if (error == std::errc() && end == text.data() + text.size() && !text.empty()) return value;
    }
    return Error{Errc::bad_argument, std::string("/") + key + ": expected a decimal number as text"};
}

}  // namespace

Json InterfaceReport::to_json() const {
    Json json = to_json_value(*facts);
    json["rx_bytes"] = std::to_string(rx_bytes);
    json["tx_bytes"] = std::to_string(tx_bytes);
    return json;
}

Result<InterfaceReport> InterfaceReport::from_json(const Json& json, Strictness) {
    // Leniently in any case: the counters are not among the facts.
    auto facts = from_json_value<InterfaceFacts>(json, Strictness::lenient);
    if (!facts) return facts.error();
    const auto rx = byte_counter(json, "rx_bytes");
    if (!rx) return rx.error();
    const auto tx = byte_counter(json, "tx_bytes");
    if (!tx) return tx.error();
    return InterfaceReport{std::make_shared<const InterfaceFacts>(std::move(*facts)), *rx, *tx};
}

}  // namespace csim
