// A long list on its way from objects to text. Internal to RestApi.
#pragma once

#include "core/timeline.hpp"
#include "manager/rest/rest_request.hpp"

#include <string>

namespace csim {

struct RestApi::Making {
    std::shared_ptr<Request> request;
    HttpReply reply;
    Done done;
    std::size_t made = 0;  ///< objects
    EventId next{};
};

}  // namespace csim
