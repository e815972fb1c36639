// What the `simulator_controller` device plugin reports: nothing, so that its session exists.
#pragma once

#include <boost/describe.hpp>

namespace csim {

struct SimulatorControllerReport {};
BOOST_DESCRIBE_STRUCT(SimulatorControllerReport, (), ())

}  // namespace csim
