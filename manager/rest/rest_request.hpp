// One request on its way through the API. Internal to RestApi.
#pragma once

#include "manager/rest/rest_api.hpp"

#include <optional>

namespace csim {

struct RestApi::Request {
    std::string method;
    RestSender identity;
    RestContext context;
    std::string last_modified;  ///< empty: no long poll
    bool last_modified_in_query = false;
    std::optional<ListPlan> long_list;  ///< instead of a body: a list to be made in parts
    Resource* listed = nullptr;         ///< whose list that is
    std::int64_t user_id = 0;           ///< of `identity.user`, which may be deleted while the request waits
};

/// Methods that change nothing.
inline bool reads(const std::string& method) {
    return method == "get" || method == "head" || method == "options";
}

/// 405 with the methods that are allowed.
ApiReply not_allowed(const std::vector<std::string>& methods);

}  // namespace csim
