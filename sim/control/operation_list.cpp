#include "sim/control/operation_list.hpp"

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

constexpr std::string_view preface_of_added = R"(
## Operations on virtual clusters

The same as `cluster-sim vcluster` offers, and `cluster-sim vcluster serve` on a port of its own. They have nothing to do with the
simulated servers above. Each runs beside the simulator, on a thread of its own; those on one cluster wait for each other. Their fault
code, in XML-RPC and JSON-RPC, is the exit status that the command would have: 1 failed, 2 a wrong argument or specification, 3 it
exists or is another one, 4 there is no such thing, 5 the backend cannot be had here, 6 it took too long.
)";

void tell(std::ostringstream& out, std::span<const OperationNote> notes) {
    for (const OperationNote& each : notes) {
        out << "\n### `" << usage_line(each) << "`\n\n" << each.help;
        if (each.kind == OperationKind::query) out << " Changes nothing.";
        out << "\n";
    }
}

}  // namespace

std::string operations_text(std::span<const OperationNote> notes) {
    std::ostringstream out;
    for (const OperationNote& each : notes) out << usage_line(each) << "\n    " << each.help << "\n";
    return out.str();
}

std::string operations_markdown(std::span<const OperationNote> own, std::span<const OperationNote> added) {
    std::ostringstream out;
    out << preface;
    tell(out, own);
    out << preface_of_added;
    tell(out, added);
    return out.str();
}

}  // namespace csim
