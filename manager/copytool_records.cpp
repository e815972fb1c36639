#include "manager/copytool_records.hpp"

#include "manager/jobs/hsm_states.hpp"

#include <algorithm>
#include <charconv>

namespace csim {

namespace {

constexpr const char* zero_uuid = "00000000-0000-0000-0000-000000000000";
// Finished operations beyond these are forgotten, the oldest first.
constexpr std::size_t operations_max = 20'000;
constexpr std::int64_t daemon_facility = 3;
constexpr std::int64_t error_severity = 3;

const char* type_of(CopytoolEvent::Operation operation) {
    switch (operation) {
        case CopytoolEvent::Operation::archive:
            return "ARCHIVE";
        case CopytoolEvent::Operation::restore:
            return "RESTORE";
        case CopytoolEvent::Operation::remove:
            return "REMOVE";
    }
    return "UNKNOWN";
}

}  // namespace

const CopytoolRow* CopytoolRecords::find(const std::string& copytool) const {
    std::int64_t id = 0;
    const auto [end, error] = std::from_chars(copytool.data(), copytool.data() + copytool.size(), id);
    if (error != std::errc() || end != copytool.data() + copytool.size()) return nullptr;
    return model_.copytools.find(id);
}

std::optional<std::string> CopytoolRecords::copytool_host(const std::string& copytool) const {
    const CopytoolRow* row = find(copytool);
    const HostRow* host = row == nullptr ? nullptr : model_.hosts.find(row->host_id);
    return host == nullptr ? std::nullopt : std::optional(host->fqdn);
}

/// A job that holds the copytool is about to set its state itself.
void CopytoolRecords::set_state(std::int64_t copytool, const char* state, const char* from) {
    engine_.notify({{Kind::copytool, copytool}, model_.now(), state, {from}, "state", {}});
}

void CopytoolRecords::copytool_started(const std::string& copytool, const std::string& uuid) {
    const CopytoolRow& row = *find(copytool);
    const std::string now = !uuid.empty() ? uuid : row.uuid.empty() ? zero_uuid : row.uuid;
    if (!row.uuid.empty() && row.uuid != now)
        cancel_operations(model_, row.id, "The copytool was started anew");
    if (row.uuid != now) model_.copytools.edit(row.id, [&](CopytoolRow& edited) { edited.uuid = now; });
    set_state(row.id, "started", "stopped");
}

bool CopytoolRecords::copytool_is_started(const std::string& copytool) const {
    const CopytoolRow* row = find(copytool);
    return row != nullptr && row->status.state == "started" && !row->uuid.empty();
}

void CopytoolRecords::copytool_stopped(const std::string& copytool) {
    const CopytoolRow& row = *find(copytool);
    cancel_operations(model_, row.id, "The copytool has stopped");
    model_.copytools.edit(row.id, [](CopytoolRow& edited) { edited.uuid.clear(); });
    set_state(row.id, "stopped", "started");
}

void CopytoolRecords::copytool_logged(const std::string& copytool, const CopytoolEvent& event) {
    const CopytoolRow& row = *find(copytool);
    LogLine line;
    line.at = event.time;
    line.fqdn = copytool_host(copytool).value_or("");
    line.severity = syslog_severity(event.level);
    line.facility = daemon_facility;
    line.tag = copytool_label(model_, row);
    line.message = event.message;
    line.message_class = line.severity <= error_severity ? "COPYTOOL_ERROR" : "COPYTOOL";
    model_.log.append({std::move(line)});
}

std::int64_t CopytoolRecords::operation_started(const std::string& copytool, const CopytoolEvent& event) {
    CopytoolOperationRow row;
    row.id = model_.next_id("copytool_operation");
    row.copytool_id = find(copytool)->id;
    row.type = type_of(event.operation);
    row.state = "STARTED";
    row.started_at = event.time;
    row.updated_at = event.time;
    row.processed_bytes = event.current_bytes;
    row.total_bytes = event.total_bytes;
    row.path = event.lustre_path;
    row.fid = event.data_fid;
    const std::int64_t id = model_.copytool_operations.insert(std::move(row)).id;
    forget_old_operations();
    return id;
}

void CopytoolRecords::forget_old_operations() {
    if (model_.copytool_operations.size() <= operations_max) return;
    for (std::int64_t id : model_.copytool_operations.ids()) {
        if (!model_.copytool_operations.at(id).finished_at) continue;
        model_.copytool_operations.erase(id);
        // A tenth at once, so that the search does not come with every operation.
        if (model_.copytool_operations.size() <= operations_max - operations_max / 10) return;
    }
}

bool CopytoolRecords::knows_operation(const std::string& copytool, std::int64_t operation) const {
    const CopytoolRow* row = find(copytool);
    const CopytoolOperationRow* known = model_.copytool_operations.find(operation);
    return row != nullptr && known != nullptr && known->copytool_id == row->id;
}

void CopytoolRecords::operation_changed(
    const std::string&, std::int64_t operation, const CopytoolEvent& event
) {
    model_.copytool_operations.edit(operation, [&](CopytoolOperationRow& row) {
        row.updated_at = event.time;
        if (event.current_bytes) row.processed_bytes = event.current_bytes;
        if (event.total_bytes) row.total_bytes = event.total_bytes;
        if (!event.data_fid.empty()) row.fid = event.data_fid;
        row.state = "RUNNING";
        if (event.phase == CopytoolEvent::Phase::running) return;
        const bool failed = event.phase == CopytoolEvent::Phase::error;
        row.state = failed ? "ERRORED" : "FINISHED";
        row.finished_at = event.time;
        if (failed) row.info = event.error;
    });
}

}  // namespace csim
