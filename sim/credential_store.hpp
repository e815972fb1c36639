// Keys and certificates of the nodes, as text documents of the state folder: `<fqdn>_crypto/private.pem`,
// `self.crt`.
#pragma once

#include "sim/agent_network.hpp"
#include "state/document.hpp"

#include <optional>
#include <set>
#include <string>

namespace csim {

/// A node is registered exactly when its certificate is here. Changes are part of the next save of the
/// documents.
class CredentialStore {
  public:
    /// Learns who is registered from what the store holds.
    explicit CredentialStore(Documents& documents);

    bool registered(const std::string& fqdn) const { return registered_.contains(fqdn); }
    std::size_t count() const { return registered_.size(); }
    std::optional<Credentials> find(const std::string& fqdn) const;
    /// A key that was made earlier for a registration that did not finish; it is used again, so that a
    /// manager that has seen it can answer again.
    std::optional<std::string> key(const std::string& fqdn) const;

    void put_key(const std::string& fqdn, const std::string& key_pem);
    void put_certificate(const std::string& fqdn, const std::string& certificate_pem);
    void erase(const std::string& fqdn);

  private:
    StateStore& store_;
    std::set<std::string> registered_;
};

}  // namespace csim
