// POST /api/filesystem/: a whole filesystem at once, or the reasons why not.
// Source: the manager API, §2.16. Differs: what is wrong with volumes of MDTs and OSTs is told, not dropped.
#pragma once

#include "manager/rest/resource.hpp"

namespace csim {

struct MadeFilesystem {
    Key id = 0;
    std::int64_t command = 0;
};

/// Throws RestStop 400 with nested reasons; nothing was changed then.
MadeFilesystem make_filesystem(RestContext& context);

}  // namespace csim
