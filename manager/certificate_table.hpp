// Which certificate stands for which host: the table of serials that identifies agents.
// Source: the agent protocol, §1.6.
#pragma once

#include "state/document.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace csim {

struct CertificateRecord {
    std::string fqdn;
    std::string key_fingerprint;  ///< of the public key; see CertificateRequest
    std::int64_t host_id = 0;
    std::int64_t command_id = 0;
    bool revoked = false;
};
BOOST_DESCRIBE_STRUCT(CertificateRecord, (), (fqdn, key_fingerprint, host_id, command_id, revoked))

class CertificateTable {
  public:
    explicit CertificateTable(Documents& documents);
    ~CertificateTable();

    /// The host that a certificate with this serial stands for; nullptr if unknown or revoked.
    const std::string* find_fqdn(std::string_view serial) const;
    /// Ever issued, revoked ones included.
    bool issued(std::string_view serial) const;
    void add(const std::string& serial, CertificateRecord record);
    /// As if add() had not happened.
    void forget(const std::string& serial);
    /// The record of a certificate that the host has and is not revoked, the newest; nothing if it has none.
    const CertificateRecord* find_record(std::string_view fqdn) const;
    /// Revokes everything the host has. Returns how many.
    std::size_t revoke(std::string_view fqdn);
    /// The same for a while: returns the serials, for reinstate().
    std::vector<std::string> suspend(std::string_view fqdn);
    /// Takes back a revocation. Serials that are unknown or not revoked are left as they are.
    void reinstate(const std::vector<std::string>& serials);
    void rename(std::string_view from, const std::string& to);
    /// Certificates that are not revoked.
    std::size_t size() const;
    /// What find_fqdn() returned is good while this is the same.
    std::uint64_t version() const { return version_; }

  private:
    using RecordDocument = Document<CertificateRecord>;
    Documents& documents_;
    std::map<std::string, std::unique_ptr<RecordDocument>, std::less<>> records_;
    std::map<std::string, std::vector<std::string>, std::less<>>
        live_;  ///< fqdn → serials, in order of issue
    std::uint64_t version_ = 1;
};

}  // namespace csim
