// Two servers with shared volumes, and who runs which target, for tests of devices and what lies on them.
#pragma once

#include "core/rng.hpp"
#include "fakes/fake_client.hpp"
#include "fakes/fake_targets.hpp"
#include "state/document_of.hpp"

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace csim {

struct DevicesFixture {
    DevicesFixture() { load(); }

    /// Saves, forgets every object, and reads them back.
    void reload();
    /// The whole of `devices.json` as it would be read back.
    Json saved();

    static std::string path(int number);
    FormatTarget mgs_on(int volume) const;
    FormatTarget member_on(int volume, const std::string& type, std::int64_t index) const;
    /// Formats, or fails the test.
    std::string format(const LustreNode& on, const FormatTarget& request);
    /// A running MGS on volume 0 and a registered, running `testfs` with its MDT on 1 and OSTs from 2.
    void make_filesystem(int ost_count = 1);
    void start(int volume, const std::string& fqdn);
    void stop(int volume);

    LustreNode a{"a.localdomain", {"10.0.0.1@tcp0", "10.1.0.1@o2ib1"}, true};
    LustreNode b{"b.localdomain", {"10.0.0.2@tcp0", "10.1.0.2@o2ib1"}, true};
    Rng run{7};
    SimTime now = SimTime::from_unix_ns(1'700'000'000'000'000'000);
    std::map<std::string, std::string> started;  ///< uuid → fqdn
    std::unique_ptr<StateStore> store = memory_store();
    std::unique_ptr<Documents> documents;
    std::unique_ptr<FakeDevices> devices;
    std::unique_ptr<FakeTargets> targets;
    std::unique_ptr<FakeClients> clients;

  private:
    void load();
};

}  // namespace csim
