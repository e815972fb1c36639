"""A manager and a fleet under it, as programs of their own, for benchmarks that measure from outside."""

import json
import os
import platform
import shutil
import subprocess
import tempfile
import time
import urllib.request


class LiveCluster:
    """Starts both, waits until every host is as its profile wants. Stops both at the end of the with block."""

    def __init__(self, bin_folder, servers, wire):
        self.bin = os.path.abspath(bin_folder)
        self.servers = servers
        self.wire = wire
        self.folder = tempfile.mkdtemp(prefix="csim-bench-")
        self.running = []

    def __enter__(self):
        try:
            self.manager = self._start(
                "cluster-sim-manager", "--listen", "127.0.0.1:0", "--state", self._path("manager"))
            self.url = self._ready(self.manager)
            self.port = int(self.url.rstrip("/").rsplit(":", 1)[1])
            self._sim("setup", "--server_count", str(self.servers), "--worker_count", "0")
            self.simulator = self._start(
                "cluster-sim", "--config", self._path("cluster"), "--url", self.url, "register",
                "--username", "admin", "--password", "lustre", "--control_listen", "127.0.0.1:0",
                "--pdu_port", "0", "--wire", self.wire)
            self.control = self._ready(self.simulator)
            while self.info()["registered"] < self.servers:
                time.sleep(0.2)
            self._sim("watch", "--username", "admin", "--password", "lustre", "--until", "ready")
            return self
        except BaseException:
            self.__exit__()
            raise

    def __exit__(self, *_):
        for process in reversed(self.running):
            process.terminate()
            process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def info(self):
        """What the simulator says of itself."""
        return self.call("simulator_info")

    def call(self, method, *arguments):
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": list(arguments)}).encode()
        with urllib.request.urlopen(self.control + "rpc", body, timeout=60) as reply:
            return json.load(reply)["result"]

    def _path(self, name):
        return os.path.join(self.folder, name)

    def _start(self, program, *arguments):
        with open(self._path(program + ".err"), "wb") as errors:
            process = subprocess.Popen(
                [os.path.join(self.bin, program), *arguments], stdout=subprocess.PIPE, stderr=errors)
        self.running.append(process)
        return process

    def _ready(self, process):
        line = process.stdout.readline().decode()
        if not line.startswith("ready "):
            raise SystemExit("a program did not start: see " + self.folder)
        return line.split()[1]

    def _sim(self, *arguments):
        subprocess.run(
            [os.path.join(self.bin, "cluster-sim"), "--config", self._path("cluster"), "--url", self.url,
             *arguments], check=True, stdout=subprocess.DEVNULL)


def figure(name, value, unit, target=None, met=None, peer=None):
    ratio = value / peer if peer else None
    return {"name": name, "value": value, "unit": unit, "target": target, "met": met, "peer": peer,
            "ratio": ratio}


def deliver(commands, figures, file):
    """A table for people; with a file, the same for programs."""
    for each in figures:
        judged = "" if each["met"] is None else "  met" if each["met"] else "  MISSED"
        peer = "" if each["peer"] is None else f"  (peer {each['peer']:g}, ratio {each['ratio']:.3f})"
        print(f"{each['name']:44} {each['value']:12.4g} {each['unit']}{peer}{judged}")
    if file:
        machine = {"system": platform.platform(), "cores": os.cpu_count()}
        with open(file, "w", encoding="utf-8") as out:
            json.dump({"machine": machine, "commands": commands, "figures": figures}, out, indent=2)
    return all(each["met"] is not False for each in figures)
