// The published example, through all its operations, on the simulated backend.
#include "tests/programs/program.hpp"
#include "tests/vcluster/fixture.hpp"
#include "vcluster/utilities/metric_listing.hpp"
#include "vcluster/utilities/slurm_jobs.hpp"

#include <algorithm>

TEST_SUITE_BEGIN("vcluster/example");

using namespace csim;

namespace {

const std::string job_script = "#!/bin/bash\n#SBATCH -N 2 -n 2 -J sleepers\nsrun sleep 60\n";

/// Everything that the original's example does; what it has printed.
std::string whole_example(ClusterFixture& fixture) {
    std::string told;
    Cluster cluster = fixture.create(example_spec());
    for (const char* service : {"sshd", "munged", "slurm", "ldmsd"}) {
        told += std::string("-- start/check ") + service + " --\n";
        start_services(cluster, service, "");
    }
    std::set<std::string> expected;
    for (const char* host : {"sampler-1", "sampler-2"})
        for (const char* plugin : {"meminfo", "procstat", "slurm_sampler", "vmstat"})
            expected.insert(std::string(host) + "/" + plugin);
    wait_sets(cluster, "agg-2", expected, 60s);
    told += "-- ldms_ls to agg-2 --\n" + run(cluster, "", "ldms_ls -x sock -p 20001 -h agg-2").out;
    NodeFile script;
    script.content = job_script;
    cluster.write(cluster.service_node(), "/root/job.sh", script);
    const int first = submit_job(cluster, "/root/job.sh", {});
    cancel_job(cluster, first);
    const int id = submit_job(cluster, "/root/job.sh", {});
    told += "jobid: " + std::to_string(id) + "\n";
    wait_job(cluster, id, {"RUNNING"}, 60s);
    for (const char* host : {"sampler-1", "sampler-2"}) {
        const std::string set = std::string(host) + "/slurm_sampler";
        const bool seen = cluster.nodes().until(60s, [&] {
            const auto listing =
                parse_metric_listing(run(cluster, "", "ldms_ls -x sock -p 20001 -h agg-2 -l " + set).out);
            if (!listing) return false;
            const Json ids = listing->sets[set]["data"]["job_id"];
            return std::find(ids.begin(), ids.end(), Json(id)) != ids.end();
        });
        told +=
            "slurm job_id verification on " + std::string(host) + ": " + (seen ? "Passed" : "Failed") + "\n";
    }
    return told +
           run(cluster, "", "date +%s.%N; squeue; sinfo -h -N -o '%N %T'; tail -n 3 /var/log/slurmctld.log")
               .out;
}

}  // namespace

// Proves: vcluster C60.
TEST_CASE("C60: the example runs from nothing to job numbers in the metric sets") {
    ClusterFixture fixture;
    const std::string told = whole_example(fixture);
    const std::string listing =
        "-- ldms_ls to agg-2 "
        "--\nsampler-2/vmstat\nsampler-2/slurm_sampler\nsampler-2/procstat\nsampler-2/meminfo\n"
        "sampler-1/vmstat\nsampler-1/slurm_sampler\nsampler-1/procstat\nsampler-1/meminfo\n";
    CAPTURE(told);
    CHECK(told.find(listing) != std::string::npos);
    CHECK(told.find("jobid: 2\n") != std::string::npos);
    CHECK(
        told.find(
            "slurm job_id verification on sampler-1: Passed\nslurm job_id verification on sampler-2: Passed\n"
        ) != std::string::npos
    );
    CHECK(told.find("node-1 allocated\nnode-2 allocated\n") != std::string::npos);
}

// Proves: vcluster C60.
TEST_CASE("C60: two runs are the same to the byte") {
    ClusterFixture one, other;
    CHECK(whole_example(one) == whole_example(other));
}

// Proves: vcluster C35.
TEST_CASE("C35: what is collected at two levels disappears with its sampler and comes back with it") {
    ClusterFixture fixture;
    Cluster cluster = fixture.create(example_spec());
    start_services(cluster, "ldmsd", "");
    const auto sets = [](std::initializer_list<const char*> hosts) {
        std::set<std::string> all;
        for (const std::string host : hosts)
            for (const char* plugin : {"meminfo", "procstat", "slurm_sampler", "vmstat"})
                all.insert(host + "/" + plugin);
        return all;
    };
    wait_sets(cluster, "agg-2", sets({"sampler-1", "sampler-2"}), 60s);
    stop_services(cluster, "ldmsd", "sampler-1");
    wait_sets(cluster, "agg-2", sets({"sampler-2"}), 60s);
    start_services(cluster, "ldmsd", "sampler-1");
    wait_sets(cluster, "agg-2", sets({"sampler-1", "sampler-2"}), 60s);
    std::string told;
    CHECK(
        fatal_status([&] { wait_sets(cluster, "agg-1", sets({"sampler-2"}), 1s); }, &told) ==
        cluster_status::timeout
    );
    CHECK(told.find("unexpected: sampler-1/meminfo") != std::string::npos);
}

TEST_CASE("the example goes from command to command of the program, and nothing is left of it") {
    TempFolder folder;
    const auto command = [&](std::vector<std::string> arguments) {
        std::vector<std::string> all{cluster_sim_path(), "vcluster"};
        all.insert(all.end(), arguments.begin(), arguments.end());
        return run_program({all, {{"CLUSTER_SIM_VCLUSTERS", (folder / "clusters").string()}}});
    };
    const std::string spec = std::string(CSIM_SOURCE_DIR) + "/vcluster/examples/ldms_slurm.json";
    const auto created = command({"create", spec});
    REQUIRE_MESSAGE(created.status == 0, created.err);
    CHECK(command({"create", spec}).status == 3);
    CHECK(command({"get", "other"}).status == 4);
    CHECK(command({"start", "ldms_slurm", "all"}).status == 0);
    CHECK(command({"start", "ldms_slurm", "munged"}).out.find("already running") != std::string::npos);
    CHECK(command({"exec", "ldms_slurm:sampler-1", "--", "hostname"}).out == "node-1\n");
    CHECK(command({"exec", "ldms_slurm:node-2", "--", "exit 7; true"}).status == 7);
    CHECK(command({"write", "ldms_slurm", "/root/job.sh", "--from", spec}).status == 0);
    CHECK(
        command({"sbatch", "ldms_slurm", "/root/job.sh"}).err.find("does not look like a batch script") !=
        std::string::npos
    );
    CHECK(
        command({"exec", "ldms_slurm", "--", "printf '#!/bin/sh\\nsrun hostname\\n' >/root/job.sh"}).status ==
        0
    );
    CHECK(
        command({"sbatch", "ldms_slurm", "/root/job.sh", "--", "-N", "2"}).out == "Submitted batch job 1\n"
    );
    CHECK(command({"wait-job", "ldms_slurm", "1"}).out == "COMPLETED\n");
    CHECK(command({"read", "ldms_slurm:node-1", "/root/slurm-1.out"}).err.empty());
    CHECK(command({"squeue", "ldms_slurm", "9"}).status == 4);
    CHECK(command({"ldms-ls", "ldms_slurm", "--", "-h", "agg-1", "-p", "20000"}).status == 0);
    CHECK(command({"status", "ldms_slurm"}).out.find("slurmctld") != std::string::npos);
    CHECK(command({"remove", "ldms_slurm"}).status == 0);
    const auto again = command({"remove", "ldms_slurm"});
    CHECK(again.status == 0);
    CHECK(again.out.find("nothing to remove") != std::string::npos);
    CHECK(std::filesystem::is_empty(folder / "clusters"));
}

TEST_SUITE_END();
