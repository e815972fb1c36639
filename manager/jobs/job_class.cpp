// The table of job classes, put together.
#include "manager/jobs/job_class.hpp"

#include "manager/jobs/detected_targets.hpp"

#include <map>

namespace csim {

const std::vector<const JobClass*>& all_job_classes() {
    static const std::vector<const JobClass*> all = [] {
        std::vector<const JobClass*> classes;
        for (const auto* part :
             {&host_job_classes(), &lnet_job_classes(), &ha_job_classes(), &target_job_classes(),
              &filesystem_job_classes(), &conf_param_job_classes(), &writeconf_job_classes(),
              &power_job_classes(), &hsm_job_classes(), &detect_job_classes(), &host_test_job_classes()}) {
            for (const JobClass& row : *part) classes.push_back(&row);
        }
        return classes;
    }();
    return all;
}

const JobClass* find_job_class(std::string_view name) {
    static const std::map<std::string_view, const JobClass*> by_name = [] {
        std::map<std::string_view, const JobClass*> index;
        for (const JobClass* row : all_job_classes()) index[row->name] = row;
        return index;
    }();
    auto at = by_name.find(name);
    return at == by_name.end() ? nullptr : at->second;
}

}  // namespace csim
