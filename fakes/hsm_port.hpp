// What actions need of the HSM world: coordinators of filesystems and copytools on workers.
#pragma once

#include "core/result.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <string>

namespace csim {

/// Arguments of `configure_copytool`; all required. Source: the behaviour specification, §3.6 and §6.3.
struct CopytoolSettings {
    std::string id;
    std::int64_t index = 0;
    std::string bin_path;
    std::int64_t archive_number = 0;
    std::string filesystem;
    std::string mountpoint;
    std::string hsm_arguments;
};
BOOST_DESCRIBE_STRUCT(
    CopytoolSettings, (), (id, index, bin_path, archive_number, filesystem, mountpoint, hsm_arguments)
)

/// Thread: the world's. `fqdn` is the worker that was asked.
class HsmPort {
  public:
    virtual ~HsmPort() = default;
    /// A value of `<fs>-MDT0000.mdt.hsm_control`: enabled, disabled, shutdown, purge. Errors: bad_argument.
    virtual Result<Nothing> control(const std::string& fsname, const std::string& value) = 0;
    /// A known id is updated in place. Errors: conflict while that one runs.
    virtual Result<Nothing> configure_copytool(const std::string& fqdn, const CopytoolSettings& settings) = 0;
    /// Stops it first. Errors: not_found.
    virtual Result<Nothing> unconfigure_copytool(const std::string& fqdn, const std::string& id) = 0;
    /// Harmless when it runs. Errors: not_found; conflict without a coordinator for its filesystem.
    virtual Result<Nothing> start_copytool(const std::string& fqdn, const std::string& id) = 0;
    /// Unknown and stopped ones are ignored.
    virtual Result<Nothing> stop_copytool(const std::string& fqdn, const std::string& id) = 0;
};

}  // namespace csim
