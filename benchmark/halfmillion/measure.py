"""Holds N connections to the lean server on the same machine and writes what was seen."""
import argparse
import json
import os
import pathlib
import resource
import signal
import subprocess
import sys
import tempfile
import time

PROGRAM = "build/bin/cluster-sim-benchmark"
PORT = 19000


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--connections", type=int, default=500_000)
    parser.add_argument("--hold", default="300s")
    parser.add_argument("--ramp", default="max")
    parser.add_argument("--schedule", default="constant:60s")
    parser.add_argument("--protocol", default="h1")
    parser.add_argument("--ciphersuites", default="TLS_AES_128_GCM_SHA256")
    parser.add_argument("--small", action="store_true", help="20,000 only, with and without hibernation")
    parser.add_argument("--sink_hibernate", default="auto", choices=["auto", "never"])
    parser.add_argument("--json")
    return parser.parse_args()


def hold(folder, connections, options, hibernate="auto"):
    """One run with a server of its own; its report."""
    each = resource.getrlimit(resource.RLIMIT_NOFILE)[1] - 300
    workers = -(-connections // each)
    ready, ca = folder / "ready", folder / "ca.pem"
    ready.unlink(missing_ok=True)
    sink = [PROGRAM, "sink", "--listen", f"127.0.0.1:{PORT}", "--workers", str(workers), "--ca_out", str(ca),
            "--ready_file", str(ready), "--hibernate", options.sink_hibernate]
    server = subprocess.Popen(sink, stdout=subprocess.PIPE, text=True)
    try:
        while not ready.exists():
            if server.poll() is not None:
                sys.exit("the server ended at once")
            time.sleep(0.05)
        url = ready.read_text().strip()
        report = folder / "report.json"
        command = [PROGRAM, "--json", str(report), "--html", str(folder / "report.html"), "connections", url, "--ca",
                   str(ca), "--connections", str(connections), "--ramp", options.ramp, "--hold", options.hold,
                   "--schedule", options.schedule, "--ciphersuites", options.ciphersuites, "--first_request", "immediate", "--protocol", options.protocol,
                   "--hibernate", hibernate, "--progress", "plain"]
        status = subprocess.call(command)
        made = json.loads(report.read_text())
        made["status"] = status
        made["commands"] = [" ".join(sink), " ".join(command)]
        return made
    finally:
        server.send_signal(signal.SIGTERM)
        print(server.communicate()[0].splitlines()[-1])


def figure(name, value, unit="", target=None, better="lower"):
    met = None if target is None else (value <= target if better == "lower" else value >= target)
    print(f"{name:45} {value:>16.1f} {unit:6} " + ("" if target is None else f"target {target}: {'met' if met else 'NOT MET'}"))
    return {"name": name, "value": value, "unit": unit, "target": target, "met": met, "peer": None, "ratio": None}


def small(folder, options):
    options.hold, options.schedule = "10s", "constant:10s"
    figures, commands = [], []
    for hibernate, target in (("never", 0.6e9), ("auto", 0.1e9)):
        made = hold(folder, 20_000, options, hibernate)
        commands += made["commands"]
        figures.append(figure(f"20000 connections, hibernate {hibernate}: held", made["figures"]["held.min"], "", 20_000, "higher"))
        figures.append(figure(f"20000 connections, hibernate {hibernate}: memory", made["figures"]["client.resident_bytes"], "B", target))
        figures.append(figure(f"20000 connections, hibernate {hibernate}: bytes each",
                              made["figures"]["client.bytes_per_connection"], "B"))
    return figures, commands


def large(folder, options):
    made = hold(folder, options.connections, options)
    f = made["figures"]
    answered = made["counts"]["responses"]
    low = min(p["available_bytes"] for p in made["series"])
    figures = [
        figure("time to all", f["time_to_n_s"], "s", 600),
        figure("held throughout", f["held.min"], "", options.connections, "higher"),
        figure("dropped", f["drops"], "", 0),
        figure("answers", answered, "", options.connections, "higher"),
        figure("connects per second", f["connect.rate"], "1/s"),
        figure("client memory", f["client.resident_bytes"], "B"),
        figure("client bytes per connection", f["client.bytes_per_connection"], "B"),
        figure("client CPU while holding", f["hold.cpu_cores"], "cores", 0.35),
        figure("lateness p99", f.get("lateness.p99", 0), "ms", 5),
        figure("request p99 from when due", f.get("request.p99", 0), "ms"),
        figure("memory used of the machine", made["series"][0]["available_bytes"] - low, "B"),
    ]
    return figures, made["commands"]


def main():
    options = arguments()
    os.makedirs("build/bench", exist_ok=True)
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        figures, commands = (small if options.small else large)(folder, options)
        if not options.small:
            pathlib.Path("build/bench/halfmillion.html").write_bytes((folder / "report.html").read_bytes())
    if options.json:
        pathlib.Path(options.json).write_text(json.dumps({"commands": commands, "figures": figures}, indent=2) + "\n")
    sys.exit(0 if all(each["met"] is not False for each in figures) else 1)


main()
