"""Memory, connects and requests of `cluster-sim-benchmark connections`, h2load and wrk, by turns against one nginx."""
import argparse
import json
import os
import pathlib
import platform
import re
import resource
import shutil
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import urllib.request

PROGRAM = "build/bin/cluster-sim-benchmark"
PORT, STATUS_PORT = 18_443, 18_080
NGINX = """daemon off; master_process off; worker_rlimit_nofile 20000; pid {d}/pid; error_log {d}/error.log;
events {{ worker_connections 19000; }}
http {{ access_log off; keepalive_requests 100000000; keepalive_timeout 600s; client_header_timeout 600s;
client_body_temp_path {d}/a; proxy_temp_path {d}/b; fastcgi_temp_path {d}/c; uwsgi_temp_path {d}/d; scgi_temp_path {d}/e;
server {{ listen 127.0.0.1:{port} ssl http2 backlog=4096; ssl_protocols TLSv1.3;
ssl_certificate {d}/cert.pem; ssl_certificate_key {d}/key.pem; location / {{ return 200 "{body}"; }} }}
server {{ listen 127.0.0.1:{status}; location / {{ stub_status; }} }} }}
"""


def find(program):
    return shutil.which(program) or shutil.which(program, path="/usr/sbin:/usr/bin")


class Nginx:
    """The server of all runs: one process, TLS 1.3, answers of 200 bytes."""

    def __init__(self, folder):
        self.folder, self.cert = folder, folder / "cert.pem"
        self.url = f"https://127.0.0.1:{PORT}/"
        self.command = [find("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")]

    def __enter__(self):
        self.folder.chmod(0o755)
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout",
                        self.folder / "key.pem", "-out", self.cert, "-subj", "/CN=localhost", "-addext",
                        "subjectAltName=IP:127.0.0.1", "-days", "3"], check=True, capture_output=True)
        text = NGINX.format(d=self.folder, port=PORT, status=STATUS_PORT, body="x" * 200)
        (self.folder / "nginx.conf").write_text(text)
        self.process = subprocess.Popen(self.command)
        patiently(lambda: self.waiting() is not None, "nginx does not serve", 30)
        return self

    def __exit__(self, *_):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()

    def waiting(self):
        """Connections that had a request answered and are idle; none: it does not serve yet."""
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{STATUS_PORT}/") as answer:
                return int(re.search(r"Waiting: (\d+)", answer.read().decode()).group(1))
        except OSError:
            return None


def patiently(condition, otherwise, seconds=300):
    end = time.monotonic() + seconds
    while not condition():
        if time.monotonic() > end:
            sys.exit(otherwise)
        time.sleep(0.2)


def family(pid):
    """A process and its descendants."""
    found = [pid]
    for each in found:
        for thread in pathlib.Path(f"/proc/{each}/task").iterdir():
            found += [int(child) for child in (thread / "children").read_text().split()]
    return found


def proportional_bytes(pid):
    rollups = (pathlib.Path(f"/proc/{each}/smaps_rollup").read_text() for each in family(pid))
    return sum(int(re.search(r"^Pss:\s+(\d+)", text, re.M).group(1)) for text in rollups) * 1024


def held_memory(server, command, connections):
    """Of a client whose connections have all had an answer and are idle."""
    patiently(lambda: server.waiting() == 0, "connections of the run before stay open")
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        patiently(lambda: server.waiting() >= connections, f"{connections} connections were not reached: {' '.join(command)}")
        time.sleep(2)
        return proportional_bytes(process.pid)
    finally:
        process.terminate()
        process.wait()


def timed(command):
    """Output, CPU seconds and wall seconds of a program."""
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(command, capture_output=True, text=True)
    wall, after = time.monotonic() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return done.stdout + done.stderr, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, wall


def ours(server, connections, *more):
    return [PROGRAM, "--json", str(server.folder / "report.json"), "connections", server.url, "--ca", str(server.cert), "--workers",
            "1", "--connections", str(connections), "--ramp", "max", "--progress", "off", *more]


def our_report(server, *arguments):
    output, _, _ = timed(ours(server, *arguments))
    path = server.folder / "report.json"
    if not path.exists():
        sys.exit("our run failed: " + output)
    made = json.loads(path.read_text())
    path.unlink()
    return made


class Figures:
    """As the other benchmarks write them: `ratio` says how many times better than the peer."""

    def __init__(self):
        self.all, self.commands = [], []

    def add(self, name, values, unit, peers, peer_name, wanted=None, lower=False):
        """Medians beside each other. `wanted`: the value over the peer's is at most (`lower`) or at least that."""
        value, peer = statistics.median(values), statistics.median(peers)
        over = value / peer
        met = None if wanted is None else over <= wanted if lower else over >= wanted
        verdict = "" if met is None else f", wanted {wanted}×: " + ("met" if met else "NOT MET")
        print(f"{name:38} {value:9.0f} ({min(values):.0f}–{max(values):.0f}) {unit}, {peer_name} {peer:.0f} "
              f"({min(peers):.0f}–{max(peers):.0f}), {over:.3f}×{verdict}", flush=True)
        self.all.append({"name": name, "value": value, "unit": unit, "target": wanted and wanted * peer, "met": met,
                         "peer": peer, "peer_name": peer_name, "ratio": 1 / over if lower else over,
                         "spread": spread(values), "peer_spread": spread(peers)})


def spread(values):
    return {"low": min(values), "high": max(values), "runs": len(values)}


def memory(server, options, figures):
    """The slope between two sizes, each of one process, so that what a process costs anyhow drops out."""
    few, many = options.few, options.many

    def slope(command):
        figures.commands.append(" ".join(map(str, command(many))))
        return [(held_memory(server, command(many), many) - held_memory(server, command(few), few)) / (many - few)
                for _ in range(options.memory_runs)]

    def peer(n, *flags):
        return ["h2load", *flags, "-t1", f"-c{n}", "-D", "900", "--rps", "0.001", server.url]

    def own(n, mode, protocol):
        return ours(server, n, "--hold", "900s", "--schedule", "none", "--first_request", "immediate", "--hibernate", mode,
                    "--protocol", protocol)

    for protocol, flags in (("h1", ["--h1"]), ("h2", [])):
        theirs = slope(lambda n: peer(n, *flags))
        for mode, wanted in (("never", 0.6), ("auto", 0.1)):
            mine = slope(lambda n: own(n, mode, protocol))
            figures.add(f"bytes_{protocol}_hibernate_{mode}", mine, "B", theirs, "h2load", wanted, lower=True)


def connects(server, options, figures):
    rates, costs, their_rates, their_costs = [], [], [], []
    n = options.connects
    peer = ["h2load", "--h1", "-t1", f"-c{n}", f"-n{n}", server.url]
    own = [n, "--hold", "0s", "--settle", "0s", "--schedule", "none", "--first_request", "immediate", "--protocol", "h1"]
    figures.commands += [" ".join(ours(server, *own)), " ".join(peer)]
    for _ in range(options.runs):
        made = our_report(server, *own)
        rates.append(n / made["figures"]["time_to_n_s"])
        costs.append(1e6 / made["figures"]["connect.cpu_us"])
        _, cpu, wall = timed(peer)
        their_rates.append(n / wall)
        their_costs.append(n / cpu)
    figures.add("connects_each_with_a_request", rates, "1/s", their_rates, "h2load", 0.9)
    figures.add("connects_per_client_cpu_second", costs, "1/s", their_costs, "h2load")


def requests(server, options, figures):
    seen = {}

    def note(name, value):
        seen.setdefault(name, []).append(value)

    span = f"{options.seconds}"
    for _ in range(options.runs):
        for protocol, flags in (("h1", ["--h1"]), ("h2", [])):
            made = our_report(server, 64, "--settle", "0s", "--hold", f"{span}s", "--schedule", "think:0s", "--protocol", protocol)
            note(f"ours {protocol}", made["figures"]["request.rate"])
            note(f"our cost {protocol}", made["figures"]["request.cpu_us"])
            text, cpu, _ = timed(["h2load", *flags, "-t1", "-c64", "-m1", "-D", span, server.url])
            note(f"h2load {protocol}", float(re.search(r"([\d.]+) req/s", text).group(1)))
            note(f"h2load cost {protocol}", cpu * 1e6 / int(re.search(r"(\d+) 2xx", text).group(1)))
        if find("wrk"):
            text, cpu, _ = timed(["wrk", "-t1", "-c64", f"-d{span}s", server.url])
            note("wrk h1", float(re.search(r"Requests/sec:\s+([\d.]+)", text).group(1)))
            note("wrk cost h1", cpu * 1e6 / int(re.search(r"(\d+) requests in", text).group(1)))
    figures.commands += [f"h2load [--h1] -t1 -c64 -m1 -D {span} {server.url}", f"wrk -t1 -c64 -d{span}s {server.url}",
                         " ".join(ours(server, 64, "--hold", f"{span}s", "--schedule", "think:0s", "--protocol", "h1"))]
    for peer, protocol in (("h2load", "h1"), ("wrk", "h1"), ("h2load", "h2")):
        if f"{peer} {protocol}" not in seen:
            continue
        figures.add(f"requests_{protocol}_beside_{peer}", seen[f"ours {protocol}"], "1/s", seen[f"{peer} {protocol}"], peer, 0.9)
        figures.add(f"client_cpu_per_request_{protocol}_{peer}", seen[f"our cost {protocol}"], "us",
                    seen[f"{peer} cost {protocol}"], peer, lower=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--memory_runs", type=int, default=3)
    parser.add_argument("--few", type=int, default=500)
    parser.add_argument("--many", type=int, default=8000)
    parser.add_argument("--connects", type=int, default=4000)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--only", choices=["memory", "connects", "requests"])
    parser.add_argument("--json")
    options = parser.parse_args()
    for needed in ("nginx", "h2load"):
        if not find(needed):
            sys.exit(f"{needed} is not installed (packages nginx-light and nghttp2-client)")
    figures = Figures()
    with tempfile.TemporaryDirectory() as name, Nginx(pathlib.Path(name)) as server:
        figures.commands.append(" ".join(server.command))
        for part in (memory, connects, requests):
            if options.only in (None, part.__name__):
                part(server, options, figures)
    if options.json:
        machine = f"{platform.platform()}, {os.cpu_count()} processors"
        made = {"machine": machine, "commands": figures.commands, "figures": figures.all}
        pathlib.Path(options.json).write_text(json.dumps(made, indent=2) + "\n")
    sys.exit(0 if all(each["met"] is not False for each in figures.all) else 1)


main()
