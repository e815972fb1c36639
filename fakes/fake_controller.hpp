// A storage array that serves the LUNs of one scalable unit, as the manager's controller plugin polls it.
#pragma once

#include "core/result.hpp"
#include "core/rng.hpp"
#include "fakes/violation.hpp"
#include "state/document.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace csim {

struct LunState {
    std::string serial;
    std::int64_t size = 0;           ///< bytes on disk, MiB in poll()
    std::vector<std::string> wwids;  ///< disks of its RAID set
};
BOOST_DESCRIBE_STRUCT(LunState, (), (serial, size, wwids))

struct DiskState {
    std::string wwid;
    std::int64_t size = 0;  ///< bytes on disk, MiB in poll()
};
BOOST_DESCRIBE_STRUCT(DiskState, (), (wwid, size))

/// `fake_controller_<id>.json`, and with sizes in MiB the answer of `poll_fake_controller`.
struct ControllerState {
    std::int64_t controller_id = 0;
    std::map<std::string, LunState> luns;
    std::map<std::string, DiskState> disks;
};
BOOST_DESCRIBE_STRUCT(ControllerState, (), (controller_id, luns, disks))

/// Saved entry by entry, so that a LUN costs the same however many there are.
/// Source: the behaviour specification, §3.8.
class FakeController {
  public:
    /// A new controller. Disk ids come from the stream `controller-disks/<id>` of `run`.
    FakeController(Documents& documents, std::int64_t id, const Rng& run);
    /// One that was saved.
    FakeController(Documents& documents, ControllerState loaded, const Rng& run);
    ~FakeController();

    std::int64_t id() const { return state_.controller_id; }
    const ControllerState& state() const { return state_; }
    /// Adds a LUN on ten disks of size/8 each (RAID 6). Errors: conflict when the serial exists.
    Result<Nothing> add_lun(const std::string& serial, std::int64_t size_bytes);
    /// The same object with sizes in MiB.
    ControllerState poll() const;
    void erase();

  private:
    EntryName entry(const std::string& path) const;

    Documents& documents_;
    Rng disks_;
    ControllerState state_;
    std::unique_ptr<Document<std::int64_t>> saved_id_;
    std::vector<std::unique_ptr<Document<LunState>>> saved_luns_;
};

/// Every controller there is, by id.
class FakeControllers {
  public:
    /// Loads every `fake_controller_*.json`. Throws Fatal on one that cannot be read.
    FakeControllers(Documents& documents, const Rng& run);
    ~FakeControllers();

    /// The next one: 1, then the largest id + 1.
    FakeController& add();
    FakeController* find(std::int64_t id) const;
    std::vector<std::int64_t> ids() const;
    /// I-13: serials and wwids are globally unique.
    std::vector<Violation> violations() const;

  private:
    Documents& documents_;
    Rng run_;
    std::map<std::int64_t, std::unique_ptr<FakeController>> controllers_;
};

}  // namespace csim
