// Proxies are ignored, which surprises whoever has set one.
#pragma once

namespace csim {

void warn_of_proxy();

}  // namespace csim
