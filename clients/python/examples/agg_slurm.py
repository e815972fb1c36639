#!/usr/bin/env python3
"""The published test: two samplers, two levels of aggregation, a job seen in the samplers' sets.

    agg_slurm.py SPEC [HOST[:PORT] of a test result daemon]
"""
import json
import re
import sys

from cluster_sim import LDMSDCluster, TADATest

with open(sys.argv[1]) as file:
    spec = json.loads(re.sub(r"^\s*//.*$", "", file.read(), flags=re.M))
test = TADATest("LDMSD", "LDMSD", "agg + slurm_sampler + slurm_notifier", tada_addr=sys.argv[2] if len(sys.argv) > 2 else None)
test.add_assertion(1, "ldms_ls agg-2")
test.add_assertion(2, "slurm job_id verification on sampler-1")
test.add_assertion(3, "slurm job_id verification on sampler-2")
test.start()

print("-- Get or create the cluster --")
cluster = LDMSDCluster.get(spec["name"], create=True, spec=spec)
for service in ("sshd", "munged", "slurm", "ldmsd"):
    print("-- start/check %s --" % service)
    cluster.start(service)

print("-- ldms_ls to agg-2 --")
expected = {"%s/%s" % (host, plugin) for host in ("sampler-1", "sampler-2") for plugin in ("meminfo", "procstat", "slurm_sampler", "vmstat")}
cluster.wait_sets("agg-2", expected)
rc, out = cluster.ldms_ls("-x sock -p 20001 -h agg-2")
print(out)
result = set(out.split()) == expected
test.assert_test(1, result, "dir result verified")
print("ldms_ls agg-2: %s" % ("Passed" if result else "Failed"))

for job in cluster.squeue():
    print("Cancelling job %s" % job["JOBID"])
    cluster.scancel(job["JOBID"])
print("Submitting job ...")
cluster.write_file("/root/job.sh", "#!/bin/bash\n#SBATCH -N 2 -n 2\nsrun sleep 60\n")
job_id = cluster.sbatch("/root/job.sh")
print("jobid: %d" % job_id)
cluster.wait_job(job_id, ["RUNNING"])
cluster.pass_time(3)
for number, host in ((2, "sampler-1"), (3, "sampler-2")):
    rc, out = cluster.ldms_ls("-x sock -p 20001 -h agg-2 -l %s/slurm_sampler" % host)
    line = next(line for line in out.splitlines() if " job_id " in line)
    result = str(job_id) in line.split()[-1].split(",")
    test.assert_test(number, result, "job_id verified")
    print("slurm job_id verification on %s: %s" % (host, "Passed" if result else "Failed"))
cluster.remove()
sys.exit(test.finish())
