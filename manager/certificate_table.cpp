#include "manager/certificate_table.hpp"

#include "state/document_of.hpp"

#include <algorithm>

namespace csim {
namespace {

constexpr const char* certificates_document = "certificates.json";
constexpr const char* serials_section = "serials";

EntryName serial_entry(const std::string& serial) {
    return {certificates_document, std::string(serials_section) + "/" + serial};
}

}  // namespace

CertificateTable::CertificateTable(Documents& documents) : documents_(documents) {
    for (auto& [serial, json] : documents.store().load_section(certificates_document, serials_section)) {
        auto record = from_json_value<CertificateRecord>(json, Strictness::saved);
        if (!record)
            throw Fatal(
                "Certificate " + serial + " in certificates.json is damaged: " + record.error().detail
            );
        if (!record->revoked) live_[record->fqdn].push_back(serial);
        auto document = std::make_unique<RecordDocument>(
            RecordDocument::Loaded{}, documents, serial_entry(serial), *std::move(record)
        );
        records_.emplace(serial, std::move(document));
    }
}

CertificateTable::~CertificateTable() = default;

const std::string* CertificateTable::find_fqdn(std::string_view serial) const {
    const auto found = records_.find(serial);
    if (found == records_.end() || (*found->second)->revoked) return nullptr;
    return &(*found->second)->fqdn;
}

bool CertificateTable::issued(std::string_view serial) const {
    return records_.contains(serial);
}

void CertificateTable::add(const std::string& serial, CertificateRecord record) {
    ++version_;
    live_[record.fqdn].push_back(serial);
    records_[serial] = std::make_unique<RecordDocument>(documents_, serial_entry(serial), std::move(record));
}

void CertificateTable::forget(const std::string& serial) {
    ++version_;
    const auto found = records_.find(serial);
    if (found == records_.end()) return;
    const auto owner = live_.find((*found->second)->fqdn);
    if (owner != live_.end()) {
        std::erase(owner->second, serial);
        if (owner->second.empty()) live_.erase(owner);
    }
    found->second->erase();
    records_.erase(found);
}

const CertificateRecord* CertificateTable::find_record(std::string_view fqdn) const {
    const auto found = live_.find(fqdn);
    return found == live_.end() ? nullptr : &**records_.at(found->second.back());
}

std::size_t CertificateTable::revoke(std::string_view fqdn) {
    ++version_;
    const auto found = live_.find(fqdn);
    if (found == live_.end()) return 0;
    const std::size_t count = found->second.size();
    for (const std::string& serial : found->second) {
        records_.at(serial)->edit([](CertificateRecord& record) { record.revoked = true; });
    }
    live_.erase(found);
    return count;
}

std::vector<std::string> CertificateTable::suspend(std::string_view fqdn) {
    const auto found = live_.find(fqdn);
    if (found == live_.end()) return {};
    std::vector<std::string> serials = found->second;
    (void)revoke(fqdn);
    return serials;
}

void CertificateTable::reinstate(const std::vector<std::string>& serials) {
    ++version_;
    for (const std::string& serial : serials) {
        const auto found = records_.find(serial);
        if (found == records_.end() || !(*found->second)->revoked) continue;
        found->second->edit([](CertificateRecord& record) { record.revoked = false; });
        live_[(*found->second)->fqdn].push_back(serial);
    }
}

void CertificateTable::rename(std::string_view from, const std::string& to) {
    ++version_;
    const auto found = live_.find(from);
    if (found == live_.end()) return;
    const std::vector<std::string> serials = std::move(found->second);
    live_.erase(found);
    for (const std::string& serial : serials) {
        records_.at(serial)->edit([&](CertificateRecord& record) { record.fqdn = to; });
        live_[to].push_back(serial);
    }
}

std::size_t CertificateTable::size() const {
    std::size_t count = 0;
    for (const auto& [fqdn, serials] : live_) count += serials.size();
    return count;
}

}  // namespace csim
