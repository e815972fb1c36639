// Batches in and out.
#include "manager/model/log_book.hpp"

#include "core/json_codec.hpp"
#include "manager/model/load_rows.hpp"
#include "state/document_of.hpp"

#include <algorithm>

namespace csim {

namespace {

/// Few enough lines in a document that writing it anew is cheap.
constexpr std::int64_t lines_per_document = 1'000;

EntryName batch_name(std::int64_t first) {
    return {
        "log_" + std::to_string(first / lines_per_document) + ".json", "batches/" + std::to_string(first)};
}

}  // namespace

void LogBook::load() {
    std::vector<LogBatchRow> rows;
    for (const std::string& document : documents_.store().documents("log_")) {
        for (auto& row : load_section<LogBatchRow>(documents_.store(), document, "batches")) {
            if (!row.lines.empty()) rows.push_back(std::move(row));
        }
    }
    std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.id < b.id; });
    for (LogBatchRow& row : rows) {
        next_ = row.id + static_cast<std::int64_t>(row.lines.size());
        lines_ += row.lines.size();
        EntryName name = batch_name(row.id);
        using Loaded = Document<LogBatchRow>::Loaded;
        batches_.push_back(
            std::make_unique<Document<LogBatchRow>>(Loaded{}, documents_, std::move(name), std::move(row))
        );
    }
}

void LogBook::append(std::vector<LogLine> lines) {
    if (lines.empty()) return;
    LogBatchRow row{next_, std::move(lines)};
    for (LogLine& line : row.lines) line.id = next_++;
    lines_ += row.lines.size();
    EntryName name = batch_name(row.id);
    batches_.push_back(std::make_unique<Document<LogBatchRow>>(documents_, std::move(name), std::move(row)));
    drop_old();
}

void LogBook::drop_old() {
    // The newest batch stays, so that numbers go on after a restart.
    while (lines_ > lines_max && batches_.size() > 1) {
        lines_ -= (*batches_.front())->lines.size();
        batches_.front()->erase();
        batches_.pop_front();
    }
}

const LogLine* LogBook::find(std::int64_t id) const {
    auto after =
        std::upper_bound(batches_.begin(), batches_.end(), id, [](std::int64_t key, const auto& batch) {
            return key < (*batch)->id;
        });
    if (after == batches_.begin()) return nullptr;
    const LogBatchRow& batch = ***std::prev(after);
    const auto index = static_cast<std::size_t>(id - batch.id);
    return index < batch.lines.size() ? &batch.lines[index] : nullptr;
}

}  // namespace csim
