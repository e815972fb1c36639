"""Virtual clusters through `cluster-sim vcluster`, as a person would use it: each step is a command of its own.

`first_job` begins before the cluster exists and ends when the output file of its first job, on two nodes, has been read.
`next_job` is the same job once more, in the cluster that stands. `noticed_late_ms` is the worst of all waits of the start: the
time from the beginning of the last question that was answered with no to the end of the one answered with yes, which is as
late as readiness can have been noticed. `create` and `remove` are of a cluster that only has nodes.

The original's suite sleeps for fixed times, 1,711 s in one pass; it makes a cluster for each of its tests.
"""

import argparse
import json
import os
import platform
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time


class Bench:
    def __init__(self, bin_folder, folder):
        self.program = os.path.abspath(os.path.join(bin_folder, "cluster-sim"))
        self.folder = folder
        self.environment = dict(
            os.environ, CLUSTER_SIM_RUNS=os.path.join(folder, "runs"), CLUSTER_SIM_VCLUSTERS=os.path.join(folder, "clusters")
        )

    def run(self, *arguments, text=None):
        done = subprocess.run(
            [self.program, "vcluster", *arguments], capture_output=True, text=True, input=text, env=self.environment
        )
        if done.returncode != 0:
            raise SystemExit(f"measure: vcluster {' '.join(arguments)}: {done.stderr.strip()}")
        self.told = done.stderr
        return done.stdout

    def noticed_late(self):
        """What `start --waits` has told last, in milliseconds."""
        return float(re.search(r"at most ([0-9.]+) ms late", self.told).group(1))

    def write_spec(self, spec):
        path = os.path.join(self.folder, spec["name"] + ".json")
        with open(path, "w") as file:
            json.dump(spec, file)
        return path


def five_nodes(backend):
    nodes = [{"hostname": f"node-{i}", "daemons": [{"type": "munged"}, {"type": "slurmd"}]} for i in range(1, 5)]
    nodes.append({"hostname": "node-5", "daemons": [{"type": "munged"}, {"type": "slurmctld"}]})
    return {"name": "five", "backend": backend, "image": "host", "nodes": nodes}


def run_job(bench, number):
    bench.run("sbatch", "five", "/root/job.sh")
    bench.run("wait-job", "five", str(number))
    if bench.run("read", "five:node-1", f"/root/slurm-{number}.out") != "node-1\nnode-2\n":
        raise SystemExit("measure: the job did not print the names of its nodes")


def first_job(bench, backend):
    spec = bench.write_spec(five_nodes(backend))
    began = time.monotonic()
    bench.run("create", spec)
    try:
        created = time.monotonic()
        bench.run("start", "five", "slurm", "--waits")
        late = bench.noticed_late()
        ready = time.monotonic()
        bench.run("write", "five", "/root/job.sh", text="#!/bin/sh\n#SBATCH -N 2\nsrun hostname | sort\n")
        run_job(bench, 1)
        ended = time.monotonic()
        run_job(bench, 2)
        again = time.monotonic()
    finally:
        bench.run("remove", "five")
    return {
        "create": created - began, "services": ready - created, "job": ended - ready, "all": ended - began,
        "next_job": again - ended, "noticed_late_ms": late,
    }


def many(bench, backend, count):
    spec = bench.write_spec({"name": "many", "backend": backend, "image": "host", "nodes": [{"hostname": f"n{i}"} for i in range(count)]})
    began = time.monotonic()
    bench.run("create", spec)
    created = time.monotonic()
    bench.run("remove", "many")
    return {"create": created - began, "remove": time.monotonic() - created}


def medians(figures):
    """The worst of what was noticed late, the median of everything else."""
    pick = lambda key: max if key == "noticed_late_ms" else statistics.median
    return {key: round(pick(key)(each[key] for each in figures), 3) for key in figures[0]}


SLEEPS_OF_THE_ORIGINAL = 1711


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--json")
    parser.add_argument("--bin", default="build/bin")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--nodes", type=int, default=64)
    given = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="csim-vcluster-")
    report = {"machine": platform.platform(), "cpus": os.cpu_count(), "runs": given.runs}
    try:
        bench = Bench(given.bin, folder)
        why_not = json.loads(bench.run("doctor", "--json"))
        backends = [each for each in ("simulated", "namespaces") if not why_not[each]]
        for backend in ("simulated", "namespaces"):
            if backend not in backends:
                print(f"{backend}: left out: {why_not[backend]}", file=sys.stderr)
                continue
            programs = ("munged", "slurmctld", "slurmd", "sbatch")
            missing = [each for each in programs if backend != "simulated" and shutil.which(each) is None]
            if missing:
                print(f"{backend}: jobs left out: {', '.join(missing)} not installed", file=sys.stderr)
            else:
                report[f"first_job_{backend}"] = medians([first_job(bench, backend) for _ in range(given.runs)])
            report[f"many_{backend}"] = medians([many(bench, backend, given.nodes) for _ in range(given.runs)])
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    for backend in ("simulated", "namespaces"):
        if f"first_job_{backend}" in report:
            times = SLEEPS_OF_THE_ORIGINAL / report[f"first_job_{backend}"]["all"]
            report[f"first_jobs_in_the_sleeps_of_one_pass_of_the_original_{backend}"] = round(times)
    print(json.dumps(report, indent=2))
    if given.json:
        with open(given.json, "w") as file:
            json.dump(report, file, indent=2)


if __name__ == "__main__":
    main()
