#include "fakes/hsm_copytool.hpp"

#include "core/utc.hpp"
#include "fakes/events.hpp"
#include "state/document_of.hpp"

#include <algorithm>
#include <cassert>

namespace csim {
namespace {

constexpr std::string_view prefix = "fake_hsm_copytool-";
constexpr std::int64_t ns_per_s = 1'000'000'000;
__extension__ typedef __int128 Wide;

EntryName document_of(const std::string& id) {
    return {std::string(prefix) + id + ".json", ""};
}

/// `2026-11-21 01:28:12 +0000`, as copytools write it.
std::string event_time(SimTime at) {
    std::string text = utc_text_seconds(at);
    return text.substr(0, text.find('+')) + " +0000";
}

const char* word(HsmAction action) {
    if (action == HsmAction::archive) return "ARCHIVE";
    return action == HsmAction::restore ? "RESTORE" : "REMOVE";
}

}  // namespace

HsmCopytool::HsmCopytool(const FakesContext& context, HsmCopytoolState fresh, const HsmOptions& options)
    : context_(context), options_(options) {
    const EntryName name = document_of(fresh.copytool.id);
    state_ = std::make_unique<Document<HsmCopytoolState>>(context.documents, name, std::move(fresh));
}

HsmCopytool::HsmCopytool(
    Loaded, const FakesContext& context, HsmCopytoolState saved, const HsmOptions& options
)
    : context_(context), options_(options) {
    const EntryName name = document_of(saved.copytool.id);
    state_ = std::make_unique<Document<HsmCopytoolState>>(
        Document<HsmCopytoolState>::Loaded{}, context.documents, name, std::move(saved)
    );
}

HsmCopytool::~HsmCopytool() {
    context_.timeline.cancel(timer_);
    if (coordinator_ != nullptr) coordinator_->deregister_agent(id());
}

std::string HsmCopytool::label() const {
    const CopytoolSettings& of = (*state_)->copytool;
    return of.bin_path.substr(of.bin_path.rfind('/') + 1) + "-" + of.filesystem + "-" +
           std::to_string(of.archive_number) + "-" + std::to_string(of.index);
}

void HsmCopytool::configure(const CopytoolSettings& settings, const std::string& server) {
    assert(!running() && settings.id == id());
    state_->edit([&](HsmCopytoolState& state) {
        state.copytool = settings;
        state.server = server;
    });
}

void HsmCopytool::set_wanted(bool wanted) {
    if ((*state_)->wanted != wanted) state_->edit([&](HsmCopytoolState& state) { state.wanted = wanted; });
}

void HsmCopytool::start(HsmCoordinator& coordinator, CopytoolWatch* watch) {
    assert(!running());
    coordinator_ = &coordinator;
    watch_ = watch;
    // A manager takes another uuid for another process: operations of the last one are over.
    const std::string stream =
        "hsm/copytool/" + id() + "/" + std::to_string(context_.timeline.now().unix_ns());
    const std::string uuid = context_.run.stream(stream).uuid();
    state_->edit([&](HsmCopytoolState& state) { state.uuid = uuid; });
    context_.trace.emit((*state_)->server, CopytoolChanged{id(), "started"});
    if (watch_ != nullptr) watch_->started(*this);
    tell_registration("REGISTER");
    coordinator.register_agent(id(), *this);
}

void HsmCopytool::stop() {
    if (!running()) return;
    advance();
    tell_registration("UNREGISTER");
    end(false);
}

void HsmCopytool::die() {
    if (running()) end(true);
}

void HsmCopytool::end(bool died) {
    context_.timeline.cancel(timer_);
    active_.clear();
    std::exchange(coordinator_, nullptr)->deregister_agent(id());
    context_.trace.emit((*state_)->server, CopytoolChanged{id(), died ? "died" : "stopped"});
    CopytoolWatch* const watch = std::exchange(watch_, nullptr);
    if (watch != nullptr) watch->stopped(*this, died);
}

void HsmCopytool::requests_assigned() {
    if (!running()) return;
    advance();
    if (active_.empty()) next_report_ = context_.timeline.now() + options_.progress;
    for (HsmRequest& request : coordinator_->fetch(id())) {
        active_.push_back({std::move(request)});
        tell(active_.back(), "START");
    }
    schedule();
}

void HsmCopytool::request_cancelled(const std::string& fid) {
    advance();
    const auto found =
        std::ranges::find_if(active_, [&](const Active& each) { return each.request.fid == fid; });
    if (found == active_.end()) return;
    tell(*found, "ERROR", "Operation canceled");
    active_.erase(found);
    schedule();
}

/// Brings every active request to this instant.
void HsmCopytool::advance() {
    const Duration elapsed = context_.timeline.now() - std::exchange(advanced_at_, context_.timeline.now());
    if (active_.empty()) return;
    const Wide share = static_cast<Wide>(elapsed.count()) * options_.bandwidth /
                       (static_cast<Wide>(ns_per_s) * static_cast<Wide>(active_.size()));
    for (Active& each : active_) {
        const Wide left = each.request.bytes_until_end - each.bytes;
        each.bytes += static_cast<std::int64_t>(std::min(share, left));
    }
}

void HsmCopytool::work() {
    advance();
    const auto is_done = [](const Active& each) { return each.bytes == each.request.bytes_until_end; };
    for (Active& each : active_) {
        if (is_done(each)) conclude(each);
    }
    std::erase_if(active_, is_done);
    if (context_.timeline.now() >= next_report_) {
        for (Active& each : active_) report(each);
        next_report_ = context_.timeline.now() + options_.progress;
    }
    schedule();
}

void HsmCopytool::conclude(Active& done) {
    const HsmOutcome outcome = done.request.outcome;
    const bool moves = done.request.data_fid != done.request.fid;
    // Whoever follows operations by fid learns the new one from a report of progress only.
    if (outcome == HsmOutcome::succeeded && moves && !done.moved) report(done);
    if (outcome == HsmOutcome::succeeded) {
        tell(done, "FINISH");
    } else {
        tell(done, "ERROR", outcome == HsmOutcome::errored ? "Input/output error" : "Operation canceled");
    }
    coordinator_->finished(id(), done.request.fid, outcome);
}

void HsmCopytool::report(Active& each) {
    tell(each, "RUNNING");
    each.moved = each.request.data_fid != each.request.fid;
}

void HsmCopytool::schedule() {
    context_.timeline.cancel(timer_);
    timer_ = {};
    if (active_.empty()) return;
    std::int64_t least = INT64_MAX;
    for (const Active& each : active_) least = std::min(least, each.request.bytes_until_end - each.bytes);
    const Wide work = static_cast<Wide>(least) * static_cast<Wide>(active_.size()) * ns_per_s;
    const Wide ns = (work + options_.bandwidth - 1) / options_.bandwidth;
    const SimTime done_at = context_.timeline.now() + Duration(static_cast<std::int64_t>(ns));
    timer_ = context_.timeline.at(std::min(done_at, next_report_), [this] { this->work(); });
}

void HsmCopytool::tell_registration(const char* type) {
    const Json event{
        {"event_type", type},
        {"event_time", event_time(context_.timeline.now())},
        {"uuid", (*state_)->uuid.value_or("")},
        {"mount_point", (*state_)->copytool.mountpoint},
        {"archive", (*state_)->copytool.archive_number}};
    if (watch_ != nullptr) watch_->event(*this, event.dump());
}

void HsmCopytool::tell(const Active& of, const std::string& step, const char* error) {
    if (watch_ == nullptr) return;
    const HsmRequest& request = of.request;
    const bool is_new = step == "RUNNING" || of.moved;
    Json event{
        {"event_type", word(request.action) + ("_" + step)},
        {"event_time", event_time(context_.timeline.now())},
        {"lustre_path", request.path},
        {"total_bytes", request.total_bytes},
        {"current_bytes", of.bytes},
        {"source_fid", of.moved ? request.data_fid : request.fid},
        {"data_fid", is_new ? request.data_fid : request.fid}};
    if (error != nullptr) event["error"] = error;
    watch_->event(*this, event.dump());
}

std::vector<Violation> HsmCopytool::violations() const {
    std::vector<Violation> found;
    for (const Active& each : active_) {
        const HsmRequest& of = each.request;
        const bool fits =
            0 <= each.bytes && each.bytes <= of.bytes_until_end && of.bytes_until_end <= of.total_bytes;
        if (!fits)
            found.push_back({"I-22", "copytool " + id() + " moved more of " + of.fid + " than there is"});
    }
    return found;
}

std::vector<std::string> copytool_documents(const StateStore& store) {
    return store.documents(prefix);
}

}  // namespace csim
