// Bodies of requests about power control, checked member by member.
// Source: the manager API, §2.21 to §2.23.
#pragma once

#include "manager/model/power_rows.hpp"
#include "manager/power/power_control.hpp"
#include "manager/rest/resource.hpp"

namespace csim::power_requests {

// Each takes the row as it is, or a new one, and returns it with what the body says. Throw RestStop with the
// text for the member that is wrong; `fresh`: members without a default must be there.
PowerTypeRow type_from(const Model& model, const Json& body, PowerTypeRow row, bool fresh);
PowerDeviceRow device_from(
    const Model& model, const PowerControl& power, const Json& body, PowerDeviceRow row, bool fresh
);
PowerOutletRow outlet_from(const Model& model, const Json& body, PowerOutletRow row, bool fresh);

}  // namespace csim::power_requests
