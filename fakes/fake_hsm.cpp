#include "fakes/fake_hsm.hpp"

#include "state/document_of.hpp"

#include <algorithm>

namespace csim {
namespace {

constexpr std::string_view coordinator_prefix = "fake_hsm_coordinator-";

/// Fit to be part of a document's name.
bool is_plain(const std::string& name) {
    const auto plain = [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '_' || c == '.'; };
    return !name.empty() && name.size() <= 100 && name.front() != '.' && std::ranges::all_of(name, plain);
}

Result<Nothing> check(const CopytoolSettings& settings) {
    if (!is_plain(settings.id)) return Error{Errc::bad_argument, "/id: '" + settings.id + "' cannot be one"};
    if (!is_plain(settings.filesystem)) {
        return Error{Errc::bad_argument, "/filesystem: '" + settings.filesystem + "' cannot be a name"};
    }
    return Nothing{};
}

}  // namespace

FakeHsm::FakeHsm(const FakesContext& context, HsmOptions options) : context_(context), options_(options) {
    load();
}

FakeHsm::~FakeHsm() {
    // Copytools let go of their coordinators.
    copytools_.clear();
}

void FakeHsm::load() {
    const StateStore& store = context_.documents.store();
    for (const std::string& document : store.documents(coordinator_prefix)) {
        auto state = load_value<HsmCoordinatorState>(store, {document, ""});
        const std::string name = state->filesystem;
        if (document != std::string(coordinator_prefix) + name + ".json") {
            throw Fatal("saved document " + document + " is about another filesystem, '" + name + "'");
        }
        coordinators_[name] = std::make_unique<HsmCoordinator>(context_, std::move(*state), options_);
    }
    for (const std::string& document : copytool_documents(store)) {
        auto state = load_value<HsmCopytoolState>(store, {document, ""});
        const std::string id = state->copytool.id;
        if (!document.ends_with("-" + id + ".json")) {
            throw Fatal("saved document " + document + " is about another copytool, '" + id + "'");
        }
        copytools_[id] =
            std::make_unique<HsmCopytool>(HsmCopytool::Loaded{}, context_, std::move(*state), options_);
    }
}

Result<Nothing> FakeHsm::control(const std::string& fsname, const std::string& value) {
    if (!is_plain(fsname)) return Error{Errc::bad_argument, "'" + fsname + "' cannot be a filesystem's name"};
    if (HsmCoordinator* known = coordinator(fsname)) return known->control(value);
    if (!HsmCoordinator::is_control(value)) {
        return Error{
            Errc::bad_argument,
            "hsm_control takes enabled, disabled, shutdown or purge, not '" + value + "'"};
    }
    auto& made = coordinators_[fsname] = std::make_unique<HsmCoordinator>(context_, fsname, options_);
    return made->control(value);
}

Result<Nothing> FakeHsm::configure_copytool(const std::string& fqdn, const CopytoolSettings& settings) {
    if (const auto possible = check(settings); !possible) return possible.error();
    HsmCopytool* const known = copytool(settings.id);
    if (known == nullptr) {
        HsmCopytoolState fresh{.copytool = settings, .server = fqdn, .uuid = {}, .wanted = false};
        copytools_[settings.id] = std::make_unique<HsmCopytool>(context_, std::move(fresh), options_);
        return Nothing{};
    }
    if (known->running()) {
        return Error{Errc::conflict, "copytool " + settings.id + " is running on " + (*known)->server};
    }
    known->configure(settings, fqdn);
    return Nothing{};
}

Result<HsmCopytool*> FakeHsm::find_on(const std::string& fqdn, const std::string& id) const {
    HsmCopytool* const known = copytool(id);
    if (known == nullptr || (*known)->server != fqdn) {
        return Error{Errc::not_found, "there is no copytool " + id + " on " + fqdn};
    }
    return known;
}

Result<Nothing> FakeHsm::unconfigure_copytool(const std::string& fqdn, const std::string& id) {
    const auto known = find_on(fqdn, id);
    if (!known) return known.error();
    (*known)->stop();
    (*known)->erase();
    copytools_.erase(id);
    return Nothing{};
}

Result<Nothing> FakeHsm::start_copytool(const std::string& fqdn, const std::string& id) {
    const auto known = find_on(fqdn, id);
    if (!known) return known.error();
    if ((*known)->running()) return Nothing{};
    if (!up_.contains(fqdn)) return Error{Errc::conflict, fqdn + " is not up and cannot run a copytool"};
    const std::string filesystem = (**known)->copytool.filesystem;
    HsmCoordinator* const with = coordinator(filesystem);
    if (with == nullptr) {
        return Error{
            Errc::conflict, "the filesystem " + filesystem + " has no HSM coordinator; enable it first"};
    }
    (*known)->set_wanted(true);
    launch(**known, *with);
    return Nothing{};
}

void FakeHsm::launch(HsmCopytool& copytool, HsmCoordinator& coordinator) {
    copytool.start(coordinator, watch_);
}

Result<Nothing> FakeHsm::stop_copytool(const std::string& fqdn, const std::string& id) {
    const auto known = find_on(fqdn, id);
    if (!known) return Nothing{};
    (*known)->set_wanted(false);
    (*known)->stop();
    return Nothing{};
}

void FakeHsm::resume() {
    for (auto& [name, coordinator] : coordinators_) coordinator->resume();
}

void FakeHsm::worker_up(const std::string& fqdn) {
    up_.insert(fqdn);
    for (HsmCopytool* each : copytools_of(fqdn)) {
        HsmCoordinator* const with = coordinator((*each)->copytool.filesystem);
        if ((*each)->wanted && !each->running() && with != nullptr) launch(*each, *with);
    }
}

void FakeHsm::worker_down(const std::string& fqdn, bool abrupt) {
    up_.erase(fqdn);
    for (HsmCopytool* each : copytools_of(fqdn)) {
        if (abrupt) {
            each->die();
        } else {
            each->stop();
        }
    }
}

void FakeHsm::remove_server(const std::string& fqdn) {
    worker_down(fqdn, true);
    for (HsmCopytool* each : copytools_of(fqdn)) {
        each->erase();
        copytools_.erase(std::string(each->id()));
    }
}

HsmCoordinator* FakeHsm::coordinator(const std::string& fsname) const {
    const auto found = coordinators_.find(fsname);
    return found == coordinators_.end() ? nullptr : found->second.get();
}

HsmCopytool* FakeHsm::copytool(const std::string& id) const {
    const auto found = copytools_.find(id);
    return found == copytools_.end() ? nullptr : found->second.get();
}

std::vector<HsmCoordinator*> FakeHsm::coordinators() const {
    std::vector<HsmCoordinator*> all;
    for (const auto& [name, each] : coordinators_) all.push_back(each.get());
    return all;
}

std::vector<HsmCopytool*> FakeHsm::copytools() const {
    std::vector<HsmCopytool*> all;
    for (const auto& [id, each] : copytools_) all.push_back(each.get());
    return all;
}

std::vector<HsmCopytool*> FakeHsm::copytools_of(const std::string& fqdn) const {
    std::vector<HsmCopytool*> some;
    for (const auto& [id, each] : copytools_) {
        if ((*each)->server == fqdn) some.push_back(each.get());
    }
    return some;
}

std::optional<HsmMetrics> FakeHsm::metrics(const std::string& fsname) const {
    const HsmCoordinator* const of = coordinator(fsname);
    return of == nullptr ? std::nullopt : of->metrics();
}

std::vector<Violation> FakeHsm::violations() const {
    std::vector<Violation> found;
    const auto add = [&](std::vector<Violation> more) {
        found.insert(found.end(), more.begin(), more.end());
    };
    for (const auto& [name, each] : coordinators_) add(each->violations());
    for (const auto& [id, each] : copytools_) {
        add(each->violations());
        if (each->running() && !up_.contains((*each)->server)) {
            found.push_back({"I-3", "copytool " + id + " runs on " + (*each)->server + ", which is down"});
        }
    }
    return found;
}

}  // namespace csim
