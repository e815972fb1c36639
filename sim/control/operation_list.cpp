#include "sim/control/operation_list.hpp"

#include "sim/control/introspection.hpp"

#include <sstream>

namespace csim {
namespace {

constexpr std::string_view preface =
    R"(# The control port

Made from the operation table by `cluster-sim ctl --list --markdown`; a test keeps the two the same.

A running simulator listens on 127.0.0.1:8743 (`--control_listen`). The same operations are served in three ways:

| way | how |
| --- | --- |
| XML-RPC | `POST /RPC2` or `/`, parameters by position, with `nil` and `i8`; `system.listMethods` and its kin work |
| JSON-RPC 2.0 | `POST /rpc`, parameters by position or by name, batches and notifications |
| command line | `cluster-sim ctl OPERATION [ARGUMENT…]` |

Parameters marked `?` may be left out. A failure is a fault with one sentence: XML-RPC fault code 1; JSON-RPC code
-32602 for wrong arguments, -32601 for an unknown method, -32000 for everything else; `ctl` prints it and exits with 1,
or with 3 when no simulator runs. A failed operation changed nothing. What an operation changed is on disk before its
answer leaves. Integers beyond 32 bits are `i8` in XML-RPC.

Without a token only programs on this machine are served. Elsewhere `--control_listen` needs `--control_token WORD` or
`--control_token_file FILE`, and requests must carry `Authorization: Bearer WORD`.

Changes of the whole cluster (`add_su`, `remove_all_servers`, `clear_clusters`) are made in slices, so that agents are
served meanwhile, and one after the other. Their answer comes when everything is done.

## Operations
)";

}  // namespace

std::string operations_text() {
    std::ostringstream out;
    for (const Operation& each : operations()) out << usage_line(each) << "\n    " << each.help << "\n";
    return out.str();
}

std::string operations_markdown() {
    std::ostringstream out;
    out << preface;
    for (const Operation& each : operations()) {
        out << "\n### `" << usage_line(each) << "`\n\n" << each.help;
        if (each.kind == OperationKind::query) out << " Changes nothing.";
        out << "\n";
    }
    return out.str();
}

}  // namespace csim
