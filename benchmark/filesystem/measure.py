#!/usr/bin/env python3
"""How long the manager and its agents take to make a large file system, and what it costs them.

Starts the programs in a folder of their own, sets servers up in units of four with sixteen volumes, creates one file
system over all volumes but what is left over, and stops and starts nothing else. CPU seconds are those of the two
processes between the request and the end of its command; wall seconds depend on whatever else the machine does.
"""

import argparse
import http.cookiejar
import json
import os
import platform
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.request

PATIENCE_SECONDS = 900


class Manager:
    def __init__(self, url):
        self.url = url.rstrip("/") + "/api/"
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=ssl._create_unverified_context()),
            urllib.request.HTTPCookieProcessor(self.cookies))
        self.ask("GET", "session/")
        self.ask("POST", "session/", {"username": "admin", "password": "lustre"})

    def ask(self, method, path, body=None):
        headers = {"Content-Type": "application/json"}
        headers.update({"X-CSRFToken": c.value for c in self.cookies if c.name == "csrftoken"})
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        text = self.opener.open(request, timeout=300).read()
        return json.loads(text) if text else None


def cpu_seconds(pid):
    with open(f"/proc/{pid}/stat") as file:
        fields = file.read().rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_for(what, condition, pause=0.2):
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > end:
            sys.exit(f"measure: {what} did not come about")
        time.sleep(pause)


def start(words, log, ready):
    process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=open(log, "w"))
    wait_for(f"{words[0]} to serve", lambda: os.path.exists(ready) or process.poll() is not None, 0.05)
    if process.poll() is not None:
        sys.exit(f"measure: {words[0]} ended: {open(log).read()}")
    return process


def measure(arguments, folder):
    program = os.path.join(arguments.bin, "cluster-sim")
    url_file, control_file = f"{folder}/manager.url", f"{folder}/control.url"
    manager_process = start(
        [program + "-manager", "--listen", "127.0.0.1:0", "--state", f"{folder}/manager", "--ready_file", url_file],
        f"{folder}/manager.log", url_file)
    simulator_process = None
    try:
        url = open(url_file).read().strip()
        config = ["--config", f"{folder}/cluster"]
        subprocess.run([program, *config, "setup", "--server_count", str(arguments.servers), "--worker_count", "0",
                        "--su_size", "4", "--volume_count", str(arguments.servers * 4)], check=True, stdout=subprocess.DEVNULL)
        began = time.monotonic()
        simulator_process = start(
            [program, *config, "--url", url, "register", "--username", "admin", "--password", "lustre", "--control_listen",
             "127.0.0.1:0", "--pdu_port", "0", "--start_spread", "0", "--ready_file", control_file],
            f"{folder}/simulator.log", control_file)
        manager = Manager(url)
        wait_for("all servers to be managed", lambda: manager.ask("GET", "host/?limit=1")["meta"]["total_count"] ==
                 arguments.servers and manager.ask("GET", "command/?complete=false&limit=1")["meta"]["total_count"] == 0, 1)
        set_up = time.monotonic() - began
        wait_for("the HA clusters", lambda: sum(len(c["peers"]) for c in
                 manager.ask("GET", "ha_cluster/?limit=0")["objects"]) == arguments.servers, 2)
        volumes = [v["id"] for v in manager.ask("GET", "volume/?category=usable&limit=0")["objects"]]
        osts = [{"volume_id": v, "conf_params": {}} for v in volumes[2:2 + arguments.osts]]
        if len(osts) < arguments.osts:
            sys.exit(f"measure: {arguments.servers} servers have volumes for {len(osts)} OSTs only")
        body = {"name": "big", "mgt": {"volume_id": volumes[0]}, "mdts": [{"volume_id": volumes[1], "conf_params": {}}],
                "osts": osts, "conf_params": {}}
        before = [cpu_seconds(p.pid) for p in (manager_process, simulator_process)]
        began = time.monotonic()
        made = manager.ask("POST", "filesystem/", body)
        answered, answered_cpu = time.monotonic() - began, cpu_seconds(manager_process.pid) - before[0]
        command = f"command/{made['command']['id']}/"
        wait_for("the file system", lambda: manager.ask("GET", "command/?complete=false&limit=1")["meta"]["total_count"] == 0, 0.5)
        took = time.monotonic() - began
        after = [cpu_seconds(p.pid) for p in (manager_process, simulator_process)]
        done = manager.ask("GET", command)
        state = manager.ask("GET", f"filesystem/{made['filesystem']['id']}/")["state"]
        if done["errored"] or done["cancelled"] or state != "available":
            sys.exit(f"measure: the file system is {state}")
        return [
            ("servers", arguments.servers, ""), ("osts", len(osts), ""), ("jobs", len(done["jobs"]), ""),
            ("set_up", set_up, "s"), ("answered", answered, "s"), ("planning_cpu", answered_cpu, "s"),
            ("created", took, "s"), ("manager_cpu", after[0] - before[0], "s"), ("agents_cpu", after[1] - before[1], "s"),
        ]
    finally:
        for process in (simulator_process, manager_process):
            if process:
                process.terminate()
        for process in (simulator_process, manager_process):
            if process:
                process.wait()


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--json")
    parser.add_argument("--bin", default="build/bin")
    parser.add_argument("--servers", type=int, default=252)
    parser.add_argument("--osts", type=int, default=1000)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="cluster-sim-bench.") as folder:
        figures = measure(arguments, folder)
    for name, value, unit in figures:
        print(f"{name:<14}{value:>10.2f} {unit}" if unit else f"{name:<14}{value:>10}")
    if not arguments.json:
        return
    listed = [{"name": n, "value": v, "unit": u, "target": 30 if n == "created" else None,
               "met": v <= 30 if n == "created" else None, "peer": None, "ratio": None} for n, v, u in figures]
    machine = f"{os.cpu_count()} cores, {platform.platform()}"
    with open(arguments.json, "w") as file:
        json.dump({"machine": machine, "commands": [" ".join(sys.argv)], "figures": listed}, file, indent=2)


if __name__ == "__main__":
    main()
