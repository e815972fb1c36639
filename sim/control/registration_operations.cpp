// Operations that make nodes known to the manager.
#include "sim/control/operation_rows.hpp"

#include <array>
#include <memory>
#include <set>

namespace csim {
namespace {

struct Register {
    std::string fqdn;
    std::string secret;
};
BOOST_DESCRIBE_STRUCT(Register, (), (fqdn, secret))

struct RegisterMany {
    std::vector<std::string> fqdns;
    std::string secret;
    std::optional<bool> explain;
};
BOOST_DESCRIBE_STRUCT(RegisterMany, (), (fqdns, secret, explain))

struct RegisterAll {
    std::string server_secret;
    std::string worker_secret;
};
BOOST_DESCRIBE_STRUCT(RegisterAll, (), (server_secret, worker_secret))

Json told(const Registered& registered) {
    return {
        {"command_id", registered.command_id},
        {"host_id", registered.host_id},
        {"certificate", registered.certificate}};
}

void register_server(ControlScope& scope, const Register& args, ControlDone done) {
    scope.simulator.register_node(
        args.fqdn, [secret = args.secret] { return secret; },
        [done = std::move(done)](const Result<Registered>& answer) mutable {
            if (!answer) return done(answer.error());
            done(Answer{told(*answer)});
        }
    );
}

/// Registrations under way together, and what is done when the last one ended.
struct Party {
    std::vector<std::optional<Result<Registered>>> answers;
    std::size_t missing = 0;
    UniqueFunction<void(Party&)> done;

    void arrived() {
        if (--missing == 0) done(*this);
    }
};

struct Guest {
    std::string fqdn;
    std::string secret;
};

void register_together(
    ClusterSimulator& simulator, const std::vector<Guest>& guests, UniqueFunction<void(Party&)> done
) {
    auto party = std::make_shared<Party>();
    party->answers.resize(guests.size());
    party->missing = guests.size() + 1;  // one for this function: no answer that comes at once is the last
    party->done = std::move(done);
    for (std::size_t i = 0; i < guests.size(); ++i) {
        simulator.register_node(
            guests[i].fqdn, [secret = guests[i].secret] { return secret; },
            [party, i](Result<Registered> answer) {
                party->answers[i] = std::move(answer);
                party->arrived();
            }
        );
    }
    party->arrived();
}

void register_many(ControlScope& scope, const RegisterMany& args, ControlDone done) {
    std::vector<Guest> guests;
    std::set<std::string> seen;
    for (const std::string& fqdn : args.fqdns) {
        if (const auto node = server_named(scope, fqdn); !node) return done(node.error());
        if (!seen.insert(fqdn).second) {
            return done(Error{
                Errc::bad_argument,
                "/fqdns/" + std::to_string(guests.size()) + ": " + fqdn + " is there twice"});
        }
        guests.push_back({fqdn, args.secret});
    }
    const bool explain = args.explain.value_or(false);
    register_together(scope.simulator, guests, [explain, done = std::move(done)](Party& party) mutable {
        Json list = Json::array();
        for (const auto& answer : party.answers) {
            if (*answer) {
                list.push_back(told(**answer));
            } else {
                list.push_back(explain ? Json{{"error", answer->error().detail}} : Json(nullptr));
            }
        }
        done(Answer{std::move(list)});
    });
}

Result<Answer> counted(const Party& party) {
    std::int64_t registered = 0;
    std::optional<Error> first;
    for (const auto& answer : party.answers) {
        registered += *answer ? 1 : 0;
        if (!*answer && !first) first = answer->error();
    }
    if (registered == 0 && first) return *first;
    return Answer{registered};
}

void register_unknown(ClusterSimulator& simulator, const RegisterAll& args, ControlDone done) {
    std::vector<Guest> guests;
    for (const FakeServer* node : simulator.world().nodes()) {
        if (!simulator.credentials().registered(node->fqdn()))
            guests.push_back({node->fqdn(), node->worker() ? args.worker_secret : args.server_secret});
    }
    register_together(simulator, guests, [done = std::move(done)](Party& party) mutable {
        done(counted(party));
    });
}

void register_all(ControlScope& scope, const RegisterAll& args, ControlDone done) {
    ClusterSimulator& simulator = scope.simulator;
    simulator.growth().for_each_node(
        [&simulator](FakeServer& node) {
            const bool known = simulator.credentials().registered(node.fqdn());
            // One without power stays off, as at every start.
            if (known && !simulator.fleet().running(node.fqdn())) (void)simulator.start_server(node.fqdn());
        },
        [&simulator, args, done = std::move(done)](const Result<Nothing>&) mutable {
            register_unknown(simulator, args, std::move(done));
        }
    );
}

}  // namespace

std::span<const Operation> registration_operations() {
    static const auto rows = std::to_array<Operation>({
        operation<register_server>(
            "register", "struct",
            "Registers a node with the manager by a token's secret and starts it. Answers with command_id, "
            "host_id and certificate; a fault says why it failed."
        ),
        operation<register_many>(
            "register_many", "array",
            "Registers nodes side by side. Answers in the order of fqdns with what 'register' answers, and "
            "with nil for each node that failed; with explain as true, with {error: sentence} instead of "
            "nil. An unknown or repeated name is a fault, and then nothing was tried."
        ),
        operation<register_all>(
            "register_all", "int",
            "Registers every node that has no certificate, starts the others, and answers how many were "
            "registered now. When every one of them failed, the fault says why the first did."
        ),
    });
    return rows;
}

}  // namespace csim
