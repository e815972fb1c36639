// The records of copytools and what they copy, kept by what their agents post.
// Source: the manager API, §2.29; the agent protocol, §6.4.
#pragma once

#include "manager/copytool_events.hpp"
#include "manager/jobs/job_engine.hpp"

namespace csim {

class CopytoolRecords final : public CopytoolSink {
  public:
    CopytoolRecords(Model& model, JobEngine& engine) : model_(model), engine_(engine) {}

    std::optional<std::string> copytool_host(const std::string& copytool) const override;
    void copytool_started(const std::string& copytool, const std::string& uuid) override;
    bool copytool_is_started(const std::string& copytool) const override;
    void copytool_stopped(const std::string& copytool) override;
    void copytool_logged(const std::string& copytool, const CopytoolEvent& event) override;
    std::int64_t operation_started(const std::string& copytool, const CopytoolEvent& event) override;
    bool knows_operation(const std::string& copytool, std::int64_t operation) const override;
    void operation_changed(const std::string& copytool, std::int64_t operation, const CopytoolEvent& event)
        override;

  private:
    const CopytoolRow* find(const std::string& copytool) const;
    void set_state(std::int64_t copytool, const char* state, const char* from);
    void forget_old_operations();

    Model& model_;
    JobEngine& engine_;
};

}  // namespace csim
