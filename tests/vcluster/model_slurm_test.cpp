// The small Slurm of simulated clusters.
#include "tests/vcluster/fixture.hpp"
#include "vcluster/host_list.hpp"
#include "vcluster/utilities/slurm_jobs.hpp"

TEST_SUITE_BEGIN("vcluster/slurm");

using namespace csim;

namespace {

struct SlurmFixture : ClusterFixture {
    Cluster cluster = create(example_spec());

    SlurmFixture() { start_services(cluster, "slurm", ""); }
    std::string on(const std::string& text) {
        RunRequest request;
        request.shell = text;
        request.merged = true;
        return cluster.run(cluster.service_node(), request).out;
    }
    int submit(const std::string& script, const std::vector<std::string>& arguments = {}) {
        NodeFile file;
        file.content = script;
        cluster.write(cluster.service_node(), "/root/job.sh", file);
        return submit_job(cluster, "/root/job.sh", arguments);
    }
    std::string state(int id) { return list_jobs(cluster, id).at(0).at("STATE"); }
};

}  // namespace

// Proves: vcluster C34.
TEST_CASE_FIXTURE(
    SlurmFixture, "C34: a job of two nodes prints both their names, and Slurm works again after a restart"
) {
    CHECK(on("sinfo -h -N -o '%N %T'") == "node-1 idle\nnode-2 idle\n");
    CHECK(on("scontrol ping") == "Slurmctld(primary) at node-5 is UP\n");
    const int id = submit("#!/bin/bash\n#SBATCH -N 2\nsrun hostname | sort\n");
    CHECK(wait_job(cluster, id, ended_states(), 60s) == "COMPLETED");
    CHECK(run(cluster, "node-1", "cat /root/slurm-1.out").out == "node-1\nnode-2\n");
    CHECK(on("stat -c '%a' /var/spool/slurmctld /etc/slurm/slurm.conf") == "700\n644\n");
    stop_services(cluster, "slurm", "");
    CHECK(
        on("sbatch --wrap true") ==
        "sbatch: error: Batch job submission failed: Unable to contact slurm controller (connect failure)\n"
    );
    start_services(cluster, "slurm", "");
    CHECK(on("sbatch --wrap true") == "Submitted batch job 2\n");
}

TEST_CASE_FIXTURE(
    SlurmFixture, "the head of the queue holds up all behind it, and leaves when it is cancelled"
) {
    const int one = submit("#!/bin/sh\nsleep 100\n", {"-N", "1"});
    const int two = submit("#!/bin/sh\nsleep 100\n", {"-N", "2"});
    const int three = submit("#!/bin/sh\nsleep 100\n", {"-N", "1"});
    CHECK(on("squeue -h -o '%i %t %r %N'") == "1 R None node-1\n2 PD Resources \n3 PD Priority \n");
    cancel_job(cluster, two);
    CHECK(state(two) == "CANCELLED");
    CHECK(state(three) == "RUNNING");
    cancel_job(cluster, one);
    CHECK(wait_job(cluster, one, ended_states(), 60s) == "CANCELLED");
    CHECK(run(cluster, "node-1", "pgrep -c sleep").out == "0\n");
}

TEST_CASE_FIXTURE(SlurmFixture, "jobs end as their scripts and their limits say") {
    CHECK(wait_job(cluster, submit("#!/bin/sh\nexit 3\n"), ended_states(), 60s) == "FAILED");
    CHECK(on("scontrol show job 1 | grep ExitCode") == "   ExitCode=3:0\n");
    CHECK(
        wait_job(cluster, submit("#!/bin/sh\nsleep 600\n", {"-t", "0:30"}), ended_states(), 120s) == "TIMEOUT"
    );
    CHECK(
        wait_job(cluster, submit("#!/bin/sh\n#SIM duration=90s rc=0\nnever\n"), ended_states(), 300s) ==
        "COMPLETED"
    );
    CHECK(on("squeue -h -t all -j 3 -o %M") == "1:30\n");
    CHECK(
        wait_job(
            cluster, submit("#!/bin/sh\n#SIM duration=5s rc=2 program=solver\nsolver --fast\n"),
            ended_states(), 60s
        ) == "FAILED"
    );
    CHECK(wait_job(cluster, submit("#!/bin/sh\nunheard-of\n"), ended_states(), 300s) == "COMPLETED");
    const int held = submit("#!/bin/sh\ntrue\n", {"-H"});
    CHECK(list_jobs(cluster, held)[0].at("REASON") == "JobHeldUser");
    const int first = submit("#!/bin/sh\nsleep 5; false\n"),
              after = submit("#!/bin/sh\ntrue\n", {"-d", "afterok:" + std::to_string(first)});
    CHECK(list_jobs(cluster, after)[0].at("REASON") == "Dependency");
    wait_job(cluster, first, ended_states(), 60s);
    CHECK(list_jobs(cluster, after)[0].at("REASON") == "DependencyNeverSatisfied");
}

TEST_CASE_FIXTURE(SlurmFixture, "sbatch refuses what it cannot do, in its own words") {
    CHECK(on("sbatch /none") == "sbatch: error: Unable to open file /none\n");
    CHECK(on("echo true >/root/x; sbatch /root/x")
              .starts_with("sbatch: error: This does not look like a batch script."));
    CHECK(
        on("sbatch -N 3 --wrap true") ==
        "sbatch: error: Batch job submission failed: Requested node configuration is not available\n"
    );
    CHECK(on("sbatch --gres gpu --wrap true") == "sbatch: error: option '--gres' not modelled\n");
    CHECK(on("sbatch -t soon --wrap true") == "sbatch: error: Invalid --time specification\n");
    CHECK(on("scancel 99") == "scancel: error: Kill job error on job id 99: Invalid job id specified\n");
    CHECK(on("squeue -j 99") == "slurm_load_jobs error: Invalid job id specified\n");
    CHECK(on("squeue -o %all")
              .starts_with("ACCOUNT|JOBID|NAME|USER|UID|PARTITION|STATE|ST|TIME|TIME_LIMIT|NODES|CPUS|"
                           "NODELIST|REASON|START_TIME|SUBMIT_TIME"));
}

TEST_CASE_FIXTURE(
    SlurmFixture, "slurmd that dies takes its node down after a while, and its return brings it back"
) {
    const int id = submit("#!/bin/sh\nsleep 5000\n", {"-N", "1"});
    run(cluster, "node-1", "pkill -9 -x slurmd");
    run(cluster, "node-2", "sleep 301");
    CHECK(state(id) == "NODE_FAIL");
    CHECK(on("sinfo -h -N -o '%N %T'") == "node-1 down\nnode-2 idle\n");
    CHECK(on("sinfo -R -h -o '%E %N'") == "Not responding node-1\n");
    start_services(cluster, "slurm", "");
    CHECK(on("sinfo -h -N -o '%N %T'") == "node-1 idle\nnode-2 idle\n");
}

TEST_CASE_FIXTURE(SlurmFixture, "Slurm needs munge, and a configuration that it understands") {
    stop_services(cluster, "all", "");
    run(cluster, "service", "pkill -x munged");
    CHECK(run(cluster, "service", "slurmctld").err.find("is munged running?") != std::string::npos);
    start_services(cluster, "munged", "");
    run(cluster, "service", "echo FastSchedule=1 >>/etc/slurm/slurm.conf");
    const ExecResult refused = run(cluster, "service", "slurmctld");
    CHECK(refused.status == 1);
    CHECK(refused.err.find("unrecognized key: FastSchedule") != std::string::npos);
}

// Proves: vcluster C31.
TEST_CASE("C31: a controller that cannot start says why at once, with the end of its log") {
    ClusterFixture fixture;
    Cluster cluster = fixture.create(duo_spec);
    NodeFile in_the_way;
    cluster.write(cluster.service_node(), "/var/spool/slurmctld", in_the_way);
    std::string told;
    const SimTime before = cluster.nodes().timeline().now();
    CHECK(fatal_status([&] { start_services(cluster, "slurm", ""); }, &told) == cluster_status::failed);
    CHECK(told.find("/var/spool/slurmctld") != std::string::npos);
    CHECK(cluster.nodes().timeline().now() - before < 1s);
}

// Proves: vcluster C40.
TEST_CASE("C40: what Slurm's programs print is read back, whatever is in a job's name") {
    const std::string u = "\x1f";
    const auto jobs = parse_jobs(
        "7" + u + "a|b c" + u + "root" + u + "0" + u + "R" + u + "RUNNING" + u + "debug" + u + "2" + u + "2" +
        u + "node-[1-3,7]" + u + "None" + u + "1:00" + u + "UNLIMITED" + u + "N/A" + u + "/root\n"
    );
    REQUIRE(jobs.size() == 1);
    CHECK(jobs[0].at("NAME") == "a|b c");
    CHECK(jobs[0].at("NODES_EXPANDED") == "node-1,node-2,node-3,node-7");
    CHECK(jobs[0].at("WORKDIR") == "/root");
    CHECK(parse_jobs("").empty());
    CHECK(parse_job_id("Submitted batch job 42\n") == 42);
    CHECK(parse_job_id("42;cluster\n") == 42);
    CHECK(parse_job_id("sbatch: error") == 0);
    CHECK(
        expand_hosts("a[08-10],b,c[1,3-4]x") ==
        std::vector<std::string>{"a08", "a09", "a10", "b", "c1x", "c3x", "c4x"}
    );
    CHECK(compress_hosts({"node-1", "node-2", "node-3", "node-7", "x"}) == "node-[1-3,7],x");
    CHECK(expand_hosts(compress_hosts({"n9", "n10", "n11"})) == std::vector<std::string>{"n9", "n10", "n11"});
}

TEST_SUITE_END();
