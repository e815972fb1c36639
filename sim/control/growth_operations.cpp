// Operations that make the cluster larger and smaller.
#include "sim/control/operation_rows.hpp"

#include <array>

namespace csim {
namespace {

struct SetUp {
    int server_count = 0;
    int worker_count = 0;
    int volume_count = 0;
    int nid_count = 0;
    int cluster_size = 0;
    int pdu_count = 0;
    int su_size = 0;
};
BOOST_DESCRIBE_STRUCT(
    SetUp, (), (server_count, worker_count, volume_count, nid_count, cluster_size, pdu_count, su_size)
)

struct AddServer {
    int nid_count = 0;
};
BOOST_DESCRIBE_STRUCT(AddServer, (), (nid_count))

struct AddUnit {
    int server_count = 0;
    int volume_count = 0;
    int nid_count = 0;
};
BOOST_DESCRIBE_STRUCT(AddUnit, (), (server_count, volume_count, nid_count))

Result<Answer> setup(ControlScope& scope, const SetUp& args) {
    Setup wanted;
    wanted.server_count = args.server_count;
    wanted.worker_count = args.worker_count;
    wanted.volume_count = args.volume_count;
    wanted.nid_count = args.nid_count;
    wanted.cluster_size = args.cluster_size;
    wanted.psu_count = args.pdu_count;
    wanted.su_size = args.su_size;
    return nil(scope.simulator.world().create(wanted));
}

void add_server(ControlScope& scope, const AddServer& args, ControlDone done) {
    scope.simulator.growth().add_server(
        args.nid_count,
        [done = std::move(done)](Result<std::string> fqdn) mutable {
            if (!fqdn) return done(fqdn.error());
            done(Answer{std::move(*fqdn)});
        }
    );
}

void add_su(ControlScope& scope, const AddUnit& args, ControlDone done) {
    scope.simulator.growth().add_unit(
        args.server_count, args.volume_count, args.nid_count,
        [done = std::move(done)](const Result<ScalableUnit>& unit) mutable {
            if (!unit) return done(unit.error());
            done(Answer{to_json_value(*unit)});
        }
    );
}

Result<Answer> remove_server(ControlScope& scope, const OfServer& args) {
    return nil(scope.simulator.remove_server(args.fqdn));
}

void remove_all_servers(ControlScope& scope, const NoParameters&, ControlDone done) {
    scope.simulator.remove_all_servers([done = std::move(done)](const Result<Nothing>& all) mutable {
        done(nil(all));
    });
}

}  // namespace

std::span<const Operation> growth_operations() {
    static const auto rows = std::to_array<Operation>({
        operation<setup>(
            "setup", "nil",
            "Makes a cluster where no nodes are, as 'cluster-sim setup' does; volume_count is the total. "
            "With su_size above 0 both counts must divide by the number of scalable units."
        ),
        operation<add_server>(
            "add_server", "string",
            "A further server, off and unregistered, that sees no volumes. Answers with its name."
        ),
        operation<add_su>(
            "add_su", "struct",
            "A further scalable unit: servers, off and unregistered, volumes that they alone see, and the "
            "controller of these. Answers with fqdns, serials and controller_id."
        ),
        operation<remove_server>(
            "remove_server", "nil",
            "A node goes at once, with everything that refers to it; its name is never used again."
        ),
        operation<remove_all_servers>(
            "remove_all_servers", "nil", "Removes every node. Volumes and controllers stay."
        ),
    });
    return rows;
}

}  // namespace csim
