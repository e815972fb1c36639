"""Environments up and down through `cluster-sim ve`, as a person would use it, beside a batch of iproute2.

`up` is setup and start together: every environment has its namespaces, its overlay and its port of a bridge, and the bridge
has answered its ping. `down` is takedown. `answering` counts those whose whole log says that every ping was answered.
"""

import argparse
import json
import os
import platform
import resource
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
        self.environment = dict(os.environ, CLUSTER_SIM_RUNS=os.path.join(folder, "runs"))

    def ve(self, *arguments):
        began = time.monotonic()
        done = subprocess.run([self.program, "ve", *arguments], capture_output=True, text=True, env=self.environment)
        if done.returncode != 0:
            sys.exit(f"measure: ve {' '.join(arguments)}: {done.stderr.strip()}")
        return time.monotonic() - began, done.stdout


def available():
    with open("/proc/meminfo") as file:
        return next(int(line.split()[1]) * 1024 for line in file if line.startswith("MemAvailable"))


def real_once(bench, count):
    exp, base = os.path.join(bench.folder, "exp"), os.path.join(bench.folder, "base")
    if not os.path.isdir(base):
        bench.ve("createbase", "--base_dir", base)
    before = available()
    up = bench.ve("setup", str(count), "--exp", exp, "--base_dir", base)[0]
    try:
        up += bench.ve("start", "--exp", exp, "--target", "bridge", "--pings", "3")[0]
        memory = (before - available()) / count
        answering, deadline = 0, time.monotonic() + 30
        while answering < count and time.monotonic() < deadline:
            answering = json.loads(bench.ve("stats", "--exp", exp, "--json")[1])["complete"]
    finally:
        down = bench.ve("takedown", "--exp", exp)[0]
    return {"up": up, "down": down, "memory_each": memory / 1e6, "answering": answering}


def ip_batch(bench, count):
    """Namespaces and pairs of interfaces on a bridge, in a network namespace of its own; no processes, no overlays."""
    lines = ["link add csbench type bridge", "link set csbench up"]
    for i in range(count):
        lines += [f"link add b{i} type veth peer name p{i}", f"link set b{i} master csbench up"]
    path = os.path.join(bench.folder, "batch")
    with open(path, "w") as file:
        file.write("\n".join(lines) + "\n")
    began = time.monotonic()
    done = subprocess.run(["unshare", "-n", "ip", "-batch", path], capture_output=True)
    return time.monotonic() - began if done.returncode == 0 else None


def simulated(bench, count):
    exp = os.path.join(bench.folder, "simulated")
    took = bench.ve("setup", str(count), "--exp", exp, "--backend", "simulated")[0]
    took_start, _ = bench.ve("start", "--exp", exp, "--backend", "simulated")
    kilobytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    block = bench.ve("stats", "--exp", exp, "--backend", "simulated", "--json")[1]
    bench.ve("takedown", "--exp", exp, "--backend", "simulated")
    return {"simulated": took + took_start, "bytes_each": kilobytes * 1024 / count,
            "complete": json.loads(block)["complete"]}


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--json")
    parser.add_argument("--bin", default="build/bin")
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--simulated", type=int, default=1_000_000)
    parser.add_argument("--runs", type=int, default=3)
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="csim-bench-")
    figures = []  # name, value, unit, target, lower is better, peer, its name
    try:
        bench = Bench(arguments.bin, folder)
        if os.geteuid() == 0:
            runs = [real_once(bench, arguments.count) for _ in range(arguments.runs)]
            median = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
            peer = ip_batch(bench, min(arguments.count, 1000)) if shutil.which("ip") else None
            figures += [("up", median["up"], "s", 2.5, True, peer, "ip -batch, links alone"),
                        ("down", median["down"], "s", 1.0, True, None, None),
                        ("memory_each", median["memory_each"], "MB", 0.5, True, None, None),
                        ("answering", median["answering"], "", arguments.count, False, None, None)]
        else:
            print("environments: real ones need root and are left out", file=sys.stderr)
        made = simulated(bench, arguments.simulated)
        figures += [("simulated", made["simulated"], "s", 60, True, None, None),
                    ("simulated_bytes_each", made["bytes_each"], "B", 1000, True, None, None),
                    ("simulated_complete", made["complete"], "", arguments.simulated, False, None, None)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    listed = []
    for name, value, unit, target, lower, peer, peer_name in figures:
        met = value <= target if lower else value >= target
        print(f"{name:<22}{value:>14.3f} {unit:<3} target {target:<10} {'met' if met else 'missed'}"
              + (f"   {peer_name}: {peer:.3f}" if peer else ""))
        listed.append({"name": name, "value": value, "unit": unit, "target": target, "met": met, "peer": peer,
                       "peer_name": peer_name, "ratio": peer / value if peer else None})
    if arguments.json:
        machine = f"{os.cpu_count()} cores, {platform.platform()}"
        with open(arguments.json, "w") as file:
            json.dump({"machine": machine, "commands": [" ".join(sys.argv)], "figures": listed}, file, indent=2)


if __name__ == "__main__":
    main()
