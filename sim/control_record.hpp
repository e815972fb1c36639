// Where the control port of a running simulator is: `control.json` of the state folder, for `status`, `ctl`
// and cluster-power. A simulator that was killed leaves it behind; whoever reads it finds nobody at the port.
#pragma once

#include "state/document.hpp"

#include <boost/describe.hpp>

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

namespace csim {

struct ControlRecord {
    std::string url;  ///< `http://127.0.0.1:8743/`
    std::int64_t pid = 0;
    std::optional<std::string> token;  ///< where the port asks for one
};
BOOST_DESCRIBE_STRUCT(ControlRecord, (), (url, pid, token))

/// In the folder for as long as this lives and the documents are saved.
class ControlRecordDocument {
  public:
    ControlRecordDocument(Documents& documents, ControlRecord record);
    ~ControlRecordDocument();
    const std::string& url() const;

  private:
    std::unique_ptr<Document<ControlRecord>> document_;
};

/// What the folder says, if anything.
std::optional<ControlRecord> find_control_record(const StateStore& store);

}  // namespace csim
