#include "sim/control_record.hpp"

#include "core/json_codec.hpp"
#include "state/document_of.hpp"

namespace csim {
namespace {

const EntryName record_name{"control.json", ""};

}  // namespace

ControlRecordDocument::ControlRecordDocument(Documents& documents, ControlRecord record)
    : document_(std::make_unique<Document<ControlRecord>>(documents, record_name, std::move(record))) {}

ControlRecordDocument::~ControlRecordDocument() {
    document_->erase();
}

const std::string& ControlRecordDocument::url() const {
    return (*document_)->url;
}

std::optional<ControlRecord> find_control_record(const StateStore& store) {
    const auto saved = store.load(record_name);
    if (!saved) return std::nullopt;
    auto record = from_json_value<ControlRecord>(*saved, Strictness::saved);
    if (!record) return std::nullopt;
    return std::move(*record);
}

}  // namespace csim
