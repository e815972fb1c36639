#include "manager/plain_signer.hpp"

#include <cstdio>

namespace csim {
namespace {

constexpr std::string_view request_head = "-----BEGIN PLAIN REQUEST-----\n";
constexpr std::string_view request_tail = "\n-----END PLAIN REQUEST-----";
constexpr std::string_view certificate_head = "-----BEGIN PLAIN CERTIFICATE-----\n";
constexpr std::string_view certificate_tail = "\n-----END PLAIN CERTIFICATE-----";

/// What stands between `head` and `tail`; empty if the text does not have them.
std::string_view inner(std::string_view text, std::string_view head, std::string_view tail) {
    while (text.ends_with('\n')) text.remove_suffix(1);
    if (!text.starts_with(head) || !text.ends_with(tail) || text.size() < head.size() + tail.size())
        return {};
    return text.substr(head.size(), text.size() - head.size() - tail.size());
}

}  // namespace

Result<CertificateRequest> PlainSigner::parse(const std::string& csr_pem) const {
    const std::string_view text = inner(csr_pem, request_head, request_tail);
    const std::size_t middle = text.find('\n');
    if (middle == std::string_view::npos || middle == 0)
        return Error{Errc::bad_argument, "the text is no plain request"};
    CertificateRequest request;
    request.common_name = text.substr(0, middle);
    request.key_fingerprint = text.substr(middle + 1);
    return request;
}

void PlainSigner::sign(
    const CertificateRequest& request, UniqueFunction<void(Result<SignedCertificate>)> done
) {
    char digits[17];
    do {
        const std::uint64_t number = (rng_.next() >> 1) | (std::uint64_t{1} << 56);
        std::snprintf(digits, sizeof digits, "%016llX", static_cast<unsigned long long>(number));
    } while (!serials_.insert(digits).second);
    SignedCertificate certificate;
    certificate.serial = digits;
    certificate.pem = std::string(certificate_head) + certificate.serial + "\n" + request.common_name +
                      std::string(certificate_tail);
    done(std::move(certificate));
}

const std::string& PlainSigner::authority_certificate() const {
    static const std::string text =
        std::string(certificate_head) + "00\nx_local_authority" + std::string(certificate_tail);
    return text;
}

std::string plain_request(const std::string& common_name, const std::string& key) {
    return std::string(request_head) + common_name + "\n" + key + std::string(request_tail);
}

std::string plain_serial(const std::string& certificate) {
    const std::string_view text = inner(certificate, certificate_head, certificate_tail);
    return std::string(text.substr(0, text.find('\n')));
}

}  // namespace csim
