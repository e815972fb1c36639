"""Environments up and down through `cluster-sim ve`, as a person would use it, beside a batch of iproute2.

`up` is setup and start together: every environment has its namespaces, its overlay and its port of a bridge, and the bridge
has answered its ping. `down` is takedown. `answering` counts those whose whole log says that every ping was answered.
`memory_each` is what their control group is charged with when all have answered, where the machine has memory groups;
`machine_memory_each` is what the machine's memory in use grew by since before setup: pages of processes, tmpfs, slabs, page
tables, kernel stacks, per-CPU areas. It counts more, and others' work too: the noise beside it is how much it moved by itself.
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

    def ve(self, *arguments, group=None):
        began = time.monotonic()
        done = subprocess.run([self.program, "ve", *arguments], capture_output=True, text=True, env=self.environment,
                              preexec_fn=group.enter if group else None)
        if done.returncode != 0:
            sys.exit(f"measure: ve {' '.join(arguments)}: {done.stderr.strip()}")
        return time.monotonic() - began, done.stdout


class MemoryGroup:
    """A control group that what is started in it is charged to, whatever else the machine does: pages of processes
    and of their tmpfs, page tables, kernel stacks, and what the kernel allocates for them, as far as it accounts."""

    places = (("/sys/fs/cgroup/memory", "memory.usage_in_bytes"), ("/sys/fs/cgroup", "memory.current"))

    def __init__(self):
        self.path, self.file = None, None
        for place, file in self.places:
            path = os.path.join(place, f"csim-bench-{os.getpid()}")
            try:
                os.mkdir(path)
            except OSError:
                continue
            if os.path.exists(os.path.join(path, file)):
                self.path, self.file = path, file
                return
            os.rmdir(path)

    def enter(self):
        with open(os.path.join(self.path, "cgroup.procs"), "w") as procs:
            procs.write(str(os.getpid()))

    def used(self):
        with open(os.path.join(self.path, self.file)) as file:
            return int(file.read())

    def remove(self):
        for _ in range(100):
            try:
                return os.rmdir(self.path)
            except OSError:
                time.sleep(0.1)


def taken():
    """Bytes of memory in use that environments can be the cause of. Kernel stacks lie in vmalloc's area on most
    kernels, so that the two count once, by the larger; page cache of files on disk is left out."""
    with open("/proc/meminfo") as file:
        kb = {line.split(":")[0]: int(line.split()[1]) for line in file}
    kinds = ("AnonPages", "Shmem", "Slab", "PageTables", "SecPageTables", "Percpu")
    return 1024 * (sum(kb.get(kind, 0) for kind in kinds) + max(kb.get("KernelStack", 0), kb.get("VmallocUsed", 0)))


def settled_memory():
    """Once it stands still: what was freed goes with a delay. Median and spread of the last samples; on a machine
    where others work it never does, and the spread says how much the figure is worth."""
    samples, deadline = [], time.monotonic() + 10
    while len(samples) < 5 or (max(samples[-5:]) - min(samples[-5:]) > 1e6 and time.monotonic() < deadline):
        samples.append(taken())
        time.sleep(0.2)
    return statistics.median(samples[-5:]), max(samples[-5:]) - min(samples[-5:])


def real_once(bench, count):
    exp, base = os.path.join(bench.folder, "exp"), os.path.join(bench.folder, "base")
    if not os.path.isdir(base):
        bench.ve("createbase", "--base_dir", base)
    group = MemoryGroup()
    inside = {"group": group} if group.path else {}
    before, noise_before = settled_memory()
    up = bench.ve("setup", str(count), "--exp", exp, "--base_dir", base, **inside)[0]
    try:
        up += bench.ve("start", "--exp", exp, "--target", "bridge", "--pings", "3", **inside)[0]
        answering, deadline = 0, time.monotonic() + 30
        while answering < count and time.monotonic() < deadline:
            answering = json.loads(bench.ve("stats", "--exp", exp, "--json")[1])["complete"]
        after, noise_after = settled_memory()
        run = {"machine_memory_each": (after - before) / count / 1e6,
               "noise": (noise_before + noise_after) / count / 1e6, "answering": answering}
        if inside:
            run["memory_each"] = group.used() / count / 1e6
    finally:
        down = bench.ve("takedown", "--exp", exp)[0]
        if inside:
            group.remove()
    return {"up": up, "down": down, **run}


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


def lxd_socket():
    """Where a daemon listens that is none of ours, if one does."""
    places = [os.environ.get("LXD_SOCKET", ""), os.path.join(os.environ.get("LXD_DIR", "/nowhere"), "unix.socket"),
              "/var/lib/lxd/unix.socket", "/var/snap/lxd/common/lxd/unix.socket"]
    return next((place for place in places if place and os.path.exists(place)), None)


def launch_rates(bench, socket, image, count, jobs):
    """Instances launched in a second by `lxd-benchmark` and by `container_lifecycle`: created and started, as many
    at once, on the same host. Each removes its own before the other begins."""
    environment = dict(bench.environment, LXD_SOCKET=socket)

    def run(*command):
        began = time.monotonic()
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        if done.returncode != 0:
            sys.exit(f"measure: {' '.join(command)}: {done.stderr.strip() or done.stdout.strip()}")
        return time.monotonic() - began

    # Its stop and delete take whatever bears its mark.
    seen = subprocess.run(["lxc", "list", "user.lxd-benchmark=true", "--format", "csv", "-c", "n"], capture_output=True,
                          text=True, env=environment) if shutil.which("lxc") else None
    if seen is None or seen.returncode != 0 or seen.stdout.strip():
        sys.exit("measure: there are instances of lxd-benchmark already, or lxc cannot tell (package lxd-client); they "
                 "would be deleted, so nothing is launched")
    with_peer = run("lxd-benchmark", "launch", f"--count={count}", f"--parallel={jobs}", image)
    run("lxd-benchmark", "stop", f"--parallel={jobs}")
    run("lxd-benchmark", "delete", f"--parallel={jobs}")
    program = os.path.join(os.path.dirname(bench.program), "cluster-sim-benchmark")
    lifecycle = [program, "container_lifecycle", "--backend", "lxd", "--socket", socket, "--base", image]
    ours = run(*lifecycle, "--count", str(count), "--jobs", str(jobs), "--variant", "overlay", "--command", "",
               "--trace", "none")
    run(*lifecycle, "--delete_leftovers", "all")
    return count / ours, count / with_peer


def lxd(bench, count, jobs):
    """Rates on the LXD of this machine; without one on the simulated host, which proves this harness only."""
    if not shutil.which("lxd-benchmark"):
        print("environments: lxd-benchmark is not installed (Debian package lxd-tools); it is left out", file=sys.stderr)
        return None
    image = os.environ.get("CSIM_LXD_IMAGE", "base")
    if socket := lxd_socket():
        return (*launch_rates(bench, socket, image, count, jobs), True)
    socket = os.path.join(bench.folder, "unix.socket")
    with subprocess.Popen([bench.program, "lxd-host", "--socket", socket], stdout=subprocess.PIPE,
                          stderr=subprocess.DEVNULL, text=True, env=bench.environment) as host:
        try:
            if not any(line.startswith("ready") for line in host.stdout):
                sys.exit("measure: the simulated LXD host did not come up")
            return (*launch_rates(bench, socket, "base", count, jobs), False)
        finally:
            host.terminate()


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
    parser.add_argument("--launches", type=int, default=100, help="instances for lxd-benchmark and its like")
    parser.add_argument("--jobs", type=int, default=8, help="of them at once")
    arguments = parser.parse_args()
    folder = tempfile.mkdtemp(prefix="csim-bench-")
    figures = []  # name, value, unit, target, lower is better, peer, its name
    notes, unclear = {}, {}
    try:
        bench = Bench(arguments.bin, folder)
        if os.geteuid() == 0:
            runs = [real_once(bench, arguments.count) for _ in range(arguments.runs)]
            median = {key: statistics.median(run[key] for run in runs) for key in runs[0]}
            peer = ip_batch(bench, min(arguments.count, 1000)) if shutil.which("ip") else None
            figures += [("up", median["up"], "s", 2.5, True, peer, "ip -batch, links alone"),
                        ("down", median["down"], "s", 1.0, True, None, None),
                        ("machine_memory_each", median["machine_memory_each"], "MB", 0.5, True, None, None),
                        ("answering", median["answering"], "", arguments.count, False, None, None)]
            unclear["machine_memory_each"] = median["noise"]
            notes["machine_memory_each"] = f"+- {median['noise']:.3f} by others on this machine"
            if "memory_each" in median:
                figures.insert(2, ("memory_each", median["memory_each"], "MB", 0.5, True, None, None))
                notes["memory_each"] = "charged to their control group"
        else:
            print("environments: real ones need root and are left out", file=sys.stderr)
        if rates := lxd(bench, arguments.launches, arguments.jobs):
            ours, peer, real = rates
            name = "lxd_launches" if real else "simulated_lxd_launches"
            figures.append((name, ours, "/s", 1.3 * peer if real else 0, False, peer, "lxd-benchmark"))
            notes[name] = "" if real else "no LXD answers here: on the simulated host, which proves the harness only"
        made = simulated(bench, arguments.simulated)
        figures += [("simulated", made["simulated"], "s", 60, True, None, None),
                    ("simulated_bytes_each", made["bytes_each"], "B", 1000, True, None, None),
                    ("simulated_complete", made["complete"], "", arguments.simulated, False, None, None)]
    finally:
        shutil.rmtree(folder, ignore_errors=True)
    listed = []
    for name, value, unit, target, lower, peer, peer_name in figures:
        met = value <= target if lower else value >= target
        if unclear.get(name, 0) > target / 4:
            met = None
        word = {True: "met", False: "missed", None: "unclear"}[met]
        verdict = f"target {target:<10.6g} {word}" if target else f"{'no target':<20}"
        print(f"{name:<24}{value:>14.3f} {unit:<3} {verdict}" + (f"   {peer_name}: {peer:.3f}" if peer else "")
              + (f"   ({notes[name]})" if notes.get(name) else ""))
        listed.append({"name": name, "value": value, "unit": unit, "target": target, "met": met, "peer": peer,
                       "peer_name": peer_name, "note": notes.get(name, ""),
                       "ratio": (peer / value if lower else value / peer) if peer else None})
    if arguments.json:
        machine = f"{os.cpu_count()} cores, {platform.platform()}"
        with open(arguments.json, "w") as file:
            json.dump({"machine": machine, "commands": [" ".join(sys.argv)], "figures": listed}, file, indent=2)


if __name__ == "__main__":
    main()
