#include "wire/reports/corosync.hpp"

#include "core/json_codec.hpp"

namespace csim {
namespace {

struct CrmOptions {
    std::optional<bool> stonith_enabled;
};
BOOST_DESCRIBE_STRUCT(CrmOptions, (), (stonith_enabled))

struct CrmForm {
    std::shared_ptr<const CrmNodes> nodes;
    CrmOptions options;
    WireTime datetime;
};
BOOST_DESCRIBE_STRUCT(CrmForm, (), (nodes, options, datetime))

}  // namespace

Json CrmInfo::to_json() const {
    if (empty()) return Json::object();
    return to_json_value(CrmForm{nodes, {stonith_enabled}, datetime});
}

Result<CrmInfo> CrmInfo::from_json(const Json& json, Strictness strictness) {
    if (json.is_object() && json.empty()) return CrmInfo{};
    auto form = from_json_value<CrmForm>(json, strictness);
    if (!form) return form.error();
    return CrmInfo{std::move(form->nodes), form->options.stonith_enabled, form->datetime};
}

}  // namespace csim
