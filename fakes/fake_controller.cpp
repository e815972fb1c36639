#include "fakes/fake_controller.hpp"

#include "state/document_of.hpp"

#include <set>

namespace csim {

namespace {

constexpr std::string_view prefix = "fake_controller_";
constexpr std::int64_t bytes_per_mib = 1048576;
constexpr std::int64_t data_disks = 8;
constexpr int disks_per_lun = 10;  // eight of data and two of parity

EntryName document_of(std::int64_t id) {
    return {std::string(prefix) + std::to_string(id) + ".json", ""};
}

std::string stream_of(std::int64_t id) {
    return "controller-disks/" + std::to_string(id);
}

}  // namespace

FakeController::FakeController(Documents& documents, std::int64_t id, const Rng& run)
    : disks_(run.stream(stream_of(id))),
      state_(std::make_unique<Document<ControllerState>>(
          documents, document_of(id), ControllerState{.controller_id = id}
      )) {}

FakeController::FakeController(Documents& documents, ControllerState loaded, const Rng& run)
    : disks_(run.stream(stream_of(loaded.controller_id))) {
    const auto name = document_of(loaded.controller_id);
    state_ = std::make_unique<Document<ControllerState>>(
        Document<ControllerState>::Loaded{}, documents, name, std::move(loaded)
    );
}

FakeController::~FakeController() = default;

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
    state_->edit([&](ControllerState& state) {
        for (const auto& wwid : lun.wwids) state.disks[wwid] = DiskState{wwid, size_bytes / data_disks};
        state.luns[serial] = lun;
    });
    return Nothing{};
}

ControllerState FakeController::poll() const {
    auto polled = state();
    for (auto& [serial, lun] : polled.luns) lun.size /= bytes_per_mib;
    for (auto& [wwid, disk] : polled.disks) disk.size /= bytes_per_mib;
    return polled;
}

void FakeController::erase() {
    state_->erase();
}

FakeControllers::FakeControllers(Documents& documents, const Rng& run) : documents_(documents), run_(run) {
    for (const auto& name : documents.store().documents(prefix)) {
        auto state = load_value<ControllerState>(documents.store(), {name, ""});
        if (!state) continue;
        const auto id = state->controller_id;
        if (name != document_of(id).document) {
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
