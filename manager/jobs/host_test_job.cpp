// TestHostConnectionJob: can a server be managed? The server's own contact is what is tested: servers come to
// the manager, the manager never logs in to them. Source: the manager API, §2.5. Differs: no ssh.
#include "manager/jobs/job_parts.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <cctype>

namespace csim {

namespace {

using namespace parts;

bool valid_name(const std::string& fqdn) {
    auto fits = [](unsigned char c) { return std::isalnum(c) || c == '-' || c == '.'; };
    return !fqdn.empty() && fqdn != "localhost" && fqdn.find("..") == std::string::npos &&
           fqdn.front() != '.' && fqdn.front() != '-' && std::all_of(fqdn.begin(), fqdn.end(), fits);
}

/// What is known of the host before it is asked anything.
Json first_checks(StepRun& step, const HostRow& host, const std::string& address) {
    const bool in_contact = step.services().rpc.session(host.fqdn).has_value() &&
                            step.model().active_alert({Kind::host, host.id}, "HostContactAlert") == nullptr;
    auto check = [](const char* name, bool value) { return Json{{"name", name}, {"value", value}}; };
    return Json::array(
        {check("resolve", true), check("hostname_valid", valid_name(host.fqdn)),
         check("fqdn_matches", address == host.fqdn || address == host.nodename || address == host.address),
         check("contact", in_contact)}
    );
}

void tell(StepRun& step, const std::string& address, Json checks, bool agent_answers) {
    checks.push_back(Json{{"name", "agent"}, {"value", agent_answers}});
    const bool valid =
        std::all_of(checks.begin(), checks.end(), [](const Json& check) { return check["value"] == true; });
    step.succeed_with(Json{{"address", address}, {"valid", valid}, {"status", std::move(checks)}});
}

std::vector<StepSpec> test_steps(const Model& model, const JobRow& job) {
    const HostRow& host = host_of_job(model, job);
    const Json args = Json::parse(job.args, nullptr, false);
    const std::string address = args.is_object() ? args.value("address", host.address) : host.address;
    auto run = [id = host.id, address](StepRun& step) {
        const HostRow* tested = step.model().hosts.find(id);
        if (tested == nullptr) return step.fail("The host was removed while it was tested");
        Json checks = first_checks(step, *tested, address);
        // Nobody waits for an agent that is known to be away.
        if (checks.back()["value"] != true) return tell(step, address, std::move(checks), false);
        step.attempt(
            tested->fqdn, "kernel_status", Json::object(),
            [&step, address, checks](Result<StepRun::Answer> answer) {
                tell(step, address, checks, answer.has_value());
            }
        );
    };
    return {{"TestHostConnectionStep", Json{{"address", address}}.dump(), std::move(run)}};
}

std::string describe(const Model& model, ObjectRef host) {
    return "Test connection to host " + label_of(model, host);
}

}  // namespace

const std::vector<JobClass>& host_test_job_classes() {
    static const std::vector<JobClass> classes = [] {
        JobClass row;
        row.name = "TestHostConnectionJob";
        row.acts_on = Kind::host;
        row.long_description = "See whether this server is in contact and answers.";
        row.describe = describe;
        row.steps = test_steps;
        return std::vector<JobClass>{row};
    }();
    return classes;
}

}  // namespace csim
