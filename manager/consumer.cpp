#include "manager/consumer.hpp"

namespace csim {

void Consumer::session_created(const std::string&, const std::string&) {}
void Consumer::session_terminated(const std::string&, const std::string&) {}
void Consumer::all_sessions_terminated() {}

}  // namespace csim
