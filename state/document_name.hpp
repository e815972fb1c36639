// What a document may be called, and what its name says about its content.
#pragma once

#include <string_view>

namespace csim {

enum class DocumentKind {
    json,     ///< `*.json` and `fake_cluster_<id>`
    text,     ///< `*.pem`, `*.crt`, `*.csr`: kept verbatim
    foreign,  ///< anything else: not ours, never read, never touched
};

/// The one document name that is taken: the folder's own schema version.
inline constexpr std::string_view version_file_name = "version.json";

/// Foreign too: empty, absolute, hidden or over-long parts, `.`, `..`, control characters, and version.json.
DocumentKind document_kind(std::string_view name);

}  // namespace csim
