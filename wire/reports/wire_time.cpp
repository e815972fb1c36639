#include "wire/reports/wire_time.hpp"

#include "core/json_codec.hpp"
#include "core/utc.hpp"

namespace csim {

Json WireTime::to_json() const {
    return doubled_suffix ? utc_text_z(at) : utc_text(at);
}

Result<WireTime> WireTime::from_json(const Json& json, Strictness) {
    if (!json.is_string()) return Error{Errc::bad_argument, "/: expected an instant as text"};
    const auto& text = json.get_ref<const std::string&>();
    const auto at = parse_utc(text);
    if (!at) return Error{Errc::bad_argument, "/: expected an instant, got '" + text.substr(0, 40) + "'"};
    return WireTime{*at, text.ends_with('Z')};
}

}  // namespace csim
