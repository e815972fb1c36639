// Requests that give network interfaces NIDs or take them away: one command, one job per host.
// Source: the manager API, §2.13 and §3.7.3.
#pragma once

#include "manager/rest/resource.hpp"

namespace csim {

/// The network types that an interface can speak.
std::vector<std::string> lnd_types(const InterfaceRow& interface);

namespace nid_requests {

/// One NID or `{"objects": […]}`. `strict`: unknown and missing members are refused. 202 with the command.
ApiReply post(RestContext& context, bool strict);
/// 204; the work goes on as a command.
ApiReply remove(RestContext& context, const Keys& interfaces);

}  // namespace nid_requests
}  // namespace csim
