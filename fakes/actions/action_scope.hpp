// Everything an action may touch: the server it runs on and the world around it.
#pragma once

#include "core/result.hpp"
#include "fakes/fake_server.hpp"

namespace csim {

class FakeDevices;
class FakeTargets;
class HsmPort;
class ServerReports;
class TargetStatistics;

/// Made for one call. Null parts make the actions that need them fail with a clear sentence.
struct ActionScope {
    FakeServer& server;
    Timeline& timeline;
    Trace& trace;
    FakeDevices* devices = nullptr;
    FakeTargets* targets = nullptr;
    TargetStatistics* statistics = nullptr;
    HsmPort* hsm = nullptr;
    ServerReports* reports = nullptr;

    FakeCluster& cluster() const { return server.cluster(); }
};

/// `part` itself, or what is missing from this world.
template <class Part>
Result<Part*> need(Part* part, const char* what) {
    if (part == nullptr) return Error{Errc::conflict, std::string("this simulation has no ") + what};
    return part;
}

}  // namespace csim
