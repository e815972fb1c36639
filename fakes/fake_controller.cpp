#include "fakes/fake_controller.hpp"

#include "state/document_of.hpp"

#include <set>

namespace csim {

namespace {

constexpr std::string_view prefix = "fake_controller_";
constexpr std::int64_t bytes_per_mib = 1048576;
constexpr std::int64_t data_disks = 8;
constexpr int disks_per_lun = 10;  // eight of data and two of parity

std::string document_of(std::int64_t id) {
    return std::string(prefix) + std::to_string(id) + ".json";
}

std::string stream_of(std::int64_t id) {
    return "controller-disks/" + std::to_string(id);
}

}  // namespace

FakeController::FakeController(Documents& documents, std::int64_t id, const Rng& run)
    : documents_(documents),
      disks_(run.stream(stream_of(id))),
      state_{.controller_id = id},
      saved_id_(std::make_unique<Document<std::int64_t>>(documents, entry("controller_id"), id)) {}

FakeController::FakeController(Documents& documents, ControllerState loaded, const Rng& run)
    : documents_(documents), disks_(run.stream(stream_of(loaded.controller_id))), state_(std::move(loaded)) {
    saved_id_ = std::make_unique<Document<std::int64_t>>(
        Document<std::int64_t>::Loaded{}, documents, entry("controller_id"), id()
    );
    for (const auto& [serial, lun] : state_.luns) {
        saved_luns_.push_back(std::make_unique<Document<LunState>>(
            Document<LunState>::Loaded{}, documents, entry("luns/" + serial), lun
        ));
    }
}

FakeController::~FakeController() = default;

EntryName FakeController::entry(const std::string& path) const {
    return {document_of(id()), path};
}

Result<Nothing> FakeController::add_lun(const std::string& serial, std::int64_t size_bytes) {
    if (state().luns.contains(serial)) {
        return Error{Errc::conflict, "controller " + std::to_string(id()) + " already has a LUN " + serial};
    }
    if (serial.empty() || size_bytes <= 0)
        return Error{Errc::bad_argument, "a LUN needs a serial and a size"};
    LunState lun{.serial = serial, .size = size_bytes};
    // Named by LUN, so that a restart repeats no disk's identifier.
    auto stream = disks_.stream(serial);
    for (int i = 0; i < disks_per_lun; ++i) lun.wwids.push_back(stream.uuid());
    for (const auto& wwid : lun.wwids) {
        const DiskState& disk = state_.disks[wwid] = DiskState{wwid, size_bytes / data_disks};
        // Disks never change: they are put once, in the change that their LUN is part of.
        documents_.store().put(entry("disks/" + wwid), to_json_value(disk));
    }
    saved_luns_.push_back(std::make_unique<Document<LunState>>(documents_, entry("luns/" + serial), lun));
    state_.luns[serial] = std::move(lun);
    return Nothing{};
}

ControllerState FakeController::poll() const {
    auto polled = state();
    for (auto& [serial, lun] : polled.luns) lun.size /= bytes_per_mib;
    for (auto& [wwid, disk] : polled.disks) disk.size /= bytes_per_mib;
    return polled;
}

void FakeController::erase() {
    for (const auto& lun : saved_luns_) lun->erase();
    saved_id_->erase();
    documents_.store().erase({document_of(id()), ""});
}

FakeControllers::FakeControllers(Documents& documents, const Rng& run) : documents_(documents), run_(run) {
    for (const auto& name : documents.store().documents(prefix)) {
        auto state = load_value<ControllerState>(documents.store(), {name, ""});
        if (!state) continue;
        const auto id = state->controller_id;
        if (name != document_of(id)) {
            throw Fatal("saved document " + name + " holds the controller " + std::to_string(id));
        }
        controllers_.emplace(id, std::make_unique<FakeController>(documents, std::move(*state), run));
    }
}

FakeControllers::~FakeControllers() = default;

FakeController& FakeControllers::add() {
    const auto id = controllers_.empty() ? 1 : controllers_.rbegin()->first + 1;
    return *(controllers_[id] = std::make_unique<FakeController>(documents_, id, run_));
}

FakeController* FakeControllers::find(std::int64_t id) const {
    const auto found = controllers_.find(id);
    return found == controllers_.end() ? nullptr : found->second.get();
}

std::vector<std::int64_t> FakeControllers::ids() const {
    std::vector<std::int64_t> ids;
    for (const auto& [id, controller] : controllers_) ids.push_back(id);
    return ids;
}

std::vector<Violation> FakeControllers::violations() const {
    std::vector<Violation> found;
    std::set<std::string> serials;
    std::set<std::string> wwids;
    for (const auto& [id, controller] : controllers_) {
        for (const auto& [serial, lun] : controller->state().luns) {
            if (!serials.insert(serial).second)
                found.push_back({"I-13", "two controllers serve the LUN " + serial});
        }
        for (const auto& [wwid, disk] : controller->state().disks) {
            if (!wwids.insert(wwid).second)
                found.push_back({"I-13", "two controllers hold the disk " + wwid});
        }
    }
    return found;
}

}  // namespace csim
