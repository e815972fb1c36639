// The table of job classes, put together.
#include "manager/jobs/job_class.hpp"

namespace csim {

const std::vector<const JobClass*>& all_job_classes() {
    static const std::vector<const JobClass*> all = [] {
        std::vector<const JobClass*> classes;
        for (const auto* part : {&host_job_classes(), &lnet_job_classes(), &ha_job_classes(), &power_job_classes(), &hsm_job_classes()}) {
            for (const JobClass& row : *part) classes.push_back(&row);
        }
        return classes;
    }();
    return all;
}

const JobClass* find_job_class(std::string_view name) {
    for (const JobClass* row : all_job_classes()) {
        if (row->name == name) return row;
    }
    return nullptr;
}

}  // namespace csim
