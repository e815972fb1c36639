// Questions by timer; answers become rows, and only real changes are made.
#include "manager/storage/controller_polling.hpp"

#include "manager/storage/controller_figures.hpp"

namespace csim {

ControllerPolling::ControllerPolling(Model& model, Alerts& alerts, Rng rng, PollingOptions options)
    : model_(model), alerts_(alerts), rng_(rng), options_(options) {}

ControllerPolling::~ControllerPolling() {
    for (const auto& entry : timers_) model_.timeline.cancel(entry.second);
}

void ControllerPolling::use(ControllerSource& source) {
    source_ = &source;
    for (std::int64_t row : model_.controllers.ids()) ask_after(row, Duration{});
}

std::int64_t ControllerPolling::add(std::int64_t controller_id) {
    std::int64_t present = 0;
    model_.controllers.each([&](const ControllerRow& row) {
        if (row.controller_id == controller_id) present = row.id;
    });
    if (present != 0) return present;
    const std::int64_t row = model_.next_id("storage_resource");
    model_.controllers.insert({row, controller_id, {}});
    ask_after(row, Duration{});
    return row;
}

void ControllerPolling::remove(std::int64_t row) {
    auto timer = timers_.find(row);
    if (timer != timers_.end()) {
        model_.timeline.cancel(timer->second);
        timers_.erase(timer);
    }
    for (std::int64_t item : std::set(model_.items_of_controller(row))) {
        alerts_.object_removed({Kind::storage_resource, item});
        forget_item(item);
    }
    alerts_.object_removed({Kind::storage_resource, row});
    model_.storage_metrics.forget({Kind::storage_resource, row});
    model_.controllers.erase(row);
}

void ControllerPolling::ask_after(std::int64_t row, Duration delay) {
    if (source_ == nullptr) return;
    timers_[row] = model_.timeline.after(delay, [this, row] { ask(row); });
}

void ControllerPolling::ask(std::int64_t row) {
    ++asked_;
    ++questions_;
    const std::int64_t controller = model_.controllers.at(row).controller_id;
    source_->poll(controller, [this, row, alive = std::weak_ptr(alive_)](Result<ControllerReport> answer) {
        if (!alive.lock()) return;
        --asked_;
        if (model_.controllers.find(row) == nullptr) return;
        if (answer) told(row, *answer);
        alerts_.set("StorageResourceOffline", {Kind::storage_resource, row}, !answer);
        ask_after(row, options_.period);
    });
}

void ControllerPolling::keep(
    std::int64_t row, StorageItemRow item, std::map<std::string, std::int64_t>& known
) {
    item.controller_row = row;
    auto at = known.find(item.class_name + "/" + item.key);
    if (at == known.end()) {
        item.id = model_.next_id("storage_resource");
        model_.add_storage_item(std::move(item));
        return;
    }
    const StorageItemRow& present = model_.storage_items.at(at->second);
    if (present.size_bytes != item.size_bytes || present.wwids != item.wwids) {
        model_.storage_items.edit(present.id, [&](StorageItemRow& edited) {
            edited.size_bytes = item.size_bytes;
            edited.wwids = std::move(item.wwids);
        });
    }
    known.erase(at);
}

void ControllerPolling::told(std::int64_t row, const ControllerReport& report) {
    std::map<std::string, std::int64_t> known;
    for (std::int64_t id : model_.items_of_controller(row)) {
        const StorageItemRow& item = model_.storage_items.at(id);
        known[item.class_name + "/" + item.key] = id;
    }
    for (const auto& [wwid, size] : report.disks) keep(row, {0, "Disk", 0, wwid, size, {}, {}}, known);
    for (const auto& [serial, lun] : report.luns)
        keep(row, {0, "Lun", 0, serial, lun.size_bytes, lun.wwids, {}}, known);
    for (const auto& gone : known) forget_item(gone.second);
    note_figures(row, report);
}

void ControllerPolling::forget_item(std::int64_t item) {
    model_.storage_metrics.forget({Kind::storage_resource, item});
    model_.remove_storage_item(item);
}

void ControllerPolling::note_figures(std::int64_t row, const ControllerReport& report) {
    const SimTime now = model_.now();
    model_.storage_metrics.note({Kind::storage_resource, row}, controller_figures(report, now));
    for (std::int64_t id : model_.items_of_controller(row)) {
        const bool lun = model_.storage_items.at(id).class_name == "Lun";
        model_.storage_metrics.note(
            {Kind::storage_resource, id}, lun ? lun_figures(rng_, now) : disk_figures(rng_, now)
        );
    }
}

}  // namespace csim
