// All HSM there is: coordinators by filesystem, copytools by id, and which worker is up to run them.
#pragma once

#include "fakes/hsm_copytool.hpp"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

namespace csim {

/// Copytools that were started run whenever their worker is up, under a new uuid each time.
class FakeHsm final : public HsmPort {
  public:
    /// Loads every coordinator and copytool. Throws Fatal on what cannot be read.
    explicit FakeHsm(const FakesContext& context, HsmOptions options = {});
    ~FakeHsm() override;

    /// Null is nobody. Told of everything that starts from now on.
    void watch(CopytoolWatch* watch) { watch_ = watch; }
    void set_chances(const HsmChances& chances) { options_.chances = chances; }

    Result<Nothing> control(const std::string& fsname, const std::string& value) override;
    Result<Nothing> configure_copytool(const std::string& fqdn, const CopytoolSettings& settings) override;
    Result<Nothing> unconfigure_copytool(const std::string& fqdn, const std::string& id) override;
    Result<Nothing> start_copytool(const std::string& fqdn, const std::string& id) override;
    Result<Nothing> stop_copytool(const std::string& fqdn, const std::string& id) override;

    /// Enabled coordinators take up their work.
    void resume();
    void worker_up(const std::string& fqdn);
    void worker_down(const std::string& fqdn, bool abrupt);
    /// The worker's copytools go with it.
    void remove_server(const std::string& fqdn);

    HsmCoordinator* coordinator(const std::string& fsname) const;
    HsmCopytool* copytool(const std::string& id) const;
    std::vector<HsmCoordinator*> coordinators() const;
    /// In order of id.
    std::vector<HsmCopytool*> copytools() const;
    /// For TargetStatistics::hsm_of.
    std::optional<HsmMetrics> metrics(const std::string& fsname) const;
    /// I-21, and I-22 as far as it can be seen at one instant.
    std::vector<Violation> violations() const;

  private:
    void load();
    void launch(HsmCopytool& copytool, HsmCoordinator& coordinator);
    /// Errors: not_found.
    Result<HsmCopytool*> find_on(const std::string& fqdn, const std::string& id) const;
    std::vector<HsmCopytool*> copytools_of(const std::string& fqdn) const;

    FakesContext context_;
    HsmOptions options_;
    CopytoolWatch* watch_ = nullptr;
    std::map<std::string, std::unique_ptr<HsmCoordinator>> coordinators_;
    std::map<std::string, std::unique_ptr<HsmCopytool>> copytools_;
    std::set<std::string> up_;
};

/// I-22 over the events of one copytool, in order, as JSON lines.
class CopytoolEventCheck {
  public:
    CopytoolEventCheck();
    ~CopytoolEventCheck();
    void line(std::string_view text);
    /// Everything begins anew with the next REGISTER, as after a crash.
    void died();
    const std::vector<Violation>& violations() const { return found_; }

  private:
    struct Operation;
    void operation(
        const std::string& step, const std::string& source, const std::string& data, std::int64_t bytes
    );
    void wrong(const std::string& what);

    bool registered_ = false;
    std::map<std::string, Operation, std::less<>> operations_;  ///< by the fid of their data
    std::vector<Violation> found_;
};

}  // namespace csim
