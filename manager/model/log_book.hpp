// The lines of all servers' logs, kept and saved in batches, oldest dropped first.
#pragma once

#include "manager/model/report_rows.hpp"
#include "state/document.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <vector>

namespace csim {

class LogBook {
  public:
    explicit LogBook(Documents& documents) : documents_(documents) {}

    /// Reads what was saved. Call once, before the first append. Throws Fatal when it cannot be understood.
    void load();
    /// Numbers the lines and keeps them. Old batches give way as wholes once there are more than `lines_max`.
    void append(std::vector<LogLine> lines);
    /// nullptr: there is no such line, or it gave way.
    const LogLine* find(std::int64_t id) const;
    std::size_t size() const { return lines_; }
    /// In the order of arrival.
    template <class Visit>
    void each(Visit&& visit) const {
        for (const auto& batch : batches_) {
            for (const LogLine& line : (*batch)->lines) visit(line);
        }
    }

    std::size_t lines_max = 100'000;

  private:
    void drop_old();

    Documents& documents_;
    std::deque<std::unique_ptr<Document<LogBatchRow>>> batches_;  ///< numbers rise without gaps
    std::int64_t next_ = 1;
    std::size_t lines_ = 0;
};

}  // namespace csim
