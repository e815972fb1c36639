#!/usr/bin/env python3
"""What can be done with a cluster that is not there: power strips, a file system, a client, a power cut, its repair.

usage: demo_story.py MANAGER_URL CONTROL_URL CLUSTER_SIM STATE_FOLDER START_SECONDS

Talks to the manager's REST API and to the simulator's control port as any program could; needs nothing but Python.
Every step is one line with the time since START_SECONDS (of the Unix clock). Ends with status 1 and a sentence when
something does not happen.
"""

import http.cookiejar
import json
import ssl
import subprocess
import sys
import time
import urllib.error
import urllib.request

PATIENCE_SECONDS = 120


class Failure(Exception):
    """What went wrong, in one sentence."""


class Manager:
    """A session of the manager's REST API."""

    def __init__(self, url):
        self.url = url.rstrip("/")
        published = urllib.request.urlopen(self.url + "/certificate/", context=ssl._create_unverified_context())
        trusted = ssl.create_default_context(cadata=published.read().decode())
        self.cookies = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(
            urllib.request.HTTPSHandler(context=trusted), urllib.request.HTTPCookieProcessor(self.cookies)
        )
        self.get("session/")
        self.send("POST", "session/", {"username": "admin", "password": "lustre"})

    def send(self, method, path, body=None):
        headers = {"Content-Type": "application/json"}
        headers.update({"X-CSRFToken": c.value for c in self.cookies if c.name == "csrftoken"})
        data = None if body is None else json.dumps(body).encode()
        path = path if path.startswith("/") else "/api/" + path
        request = urllib.request.Request(self.url + path, data, headers, method=method)
        try:
            text = self.opener.open(request, timeout=60).read()
        except urllib.error.HTTPError as error:
            raise Failure(f"the manager refuses {method} {path}: {error.code} {error.read().decode()}") from error
        return json.loads(text) if text else None

    def get(self, path):
        return self.send("GET", path)

    def list(self, path):
        return self.get(path + ("&" if "?" in path else "?") + "limit=0")["objects"]

    def run(self, message, class_name, **args):
        self.finish(self.send("POST", "command/", {"message": message, "jobs": [{"class_name": class_name, "args": args}]}))

    def finish(self, command):
        uri = command["resource_uri"]
        wait_for(f"command '{command['message']}'", lambda: self.get(uri)["complete"])
        ended = self.get(uri)
        if ended["errored"] or ended["cancelled"]:
            raise Failure(f"'{command['message']}' {'failed' if ended['errored'] else 'was cancelled'}; see {self.url}{uri}")


class Simulator:
    """The control port, by JSON-RPC."""

    def __init__(self, url):
        self.url = url.rstrip("/") + "/rpc"

    def call(self, method, *parameters):
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": list(parameters)}).encode()
        request = urllib.request.Request(self.url, body, {"Content-Type": "application/json"})
        answer = json.loads(urllib.request.urlopen(request, timeout=60).read())
        if "error" in answer:
            raise Failure(f"the simulator refuses {method}: {answer['error']['message']}")
        return answer["result"]


def wait_for(what, condition):
    end = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > end:
            raise Failure(f"{what} did not come about within {PATIENCE_SECONDS} s")
        time.sleep(0.1)


class Story:
    def __init__(self, manager, simulator, program, folder, begun):
        self.manager, self.simulator = manager, simulator
        self.program, self.folder, self.begun = program, folder, begun
        self.hosts = {host["fqdn"]: host for host in manager.list("host/")}
        self.servers = [fqdn for fqdn in simulator.call("server_list") if not simulator.call("server_get", fqdn)["worker"]]
        self.workers = [fqdn for fqdn in self.hosts if fqdn not in self.servers]

    def tell(self, subject, text):
        print(f"  {time.time() - self.begun:6.1f} s  {subject:<14}{text}", flush=True)

    def label(self, fqdn):
        return self.hosts[fqdn]["label"]

    def connect_power(self):
        """The manager is told of the power strips, and which outlet feeds whom."""
        strips = self.simulator.call("pdu_list")
        count = max(outlet["outlet"] for strip in strips for outlet in strip["outlets"])
        kind = self.manager.send("POST", "power_control_type/", {
            "agent": "fence_apc", "make": "APC", "model": "7900", "max_outlets": count,
            "default_username": "apc", "default_password": "apc"})
        for strip in strips:
            device = self.manager.send("POST", "power_control_device/", {
                "device_type": kind["resource_uri"], "address": strip["address"], "port": strip["port"]})
            feeds = {str(outlet["outlet"]): outlet["server"] for outlet in strip["outlets"]}
            for outlet in device["outlets"]:
                self.manager.send("PATCH", outlet["resource_uri"],
                                  {"host": self.hosts[feeds[outlet["identifier"]]]["resource_uri"]})
        self.tell("power", f"the manager knows {len(strips)} power strips; each feeds all {count} servers")
        wait_for("the outlets' states", lambda: all(
            outlet["has_power"] for outlet in self.manager.list("power_control_device_outlet/")))
        wait_for("fencing", lambda: not self.manager.list("command/?complete=false"))
        self.tell("power", f"asked the strips by their telnet menus: {count * len(strips)} outlets are on; the servers can fence each other")

    def await_clusters(self):
        """Servers report their HA membership every ten seconds."""
        wait_for("the HA clusters", lambda: len(self.servers) == sum(
            len(cluster["peers"]) for cluster in self.manager.list("ha_cluster/")))
        sizes = [len(cluster["peers"]) for cluster in self.manager.list("ha_cluster/")]
        self.tell("HA", f"the servers have told that they form {len(sizes)} clusters of {sizes[0]}")

    def place_volumes(self):
        """One volume for each server, which fails over to its neighbour in the HA cluster. Returns them in order."""
        free = self.manager.list("volume/?category=usable")
        numbers = {self.hosts[fqdn]["id"]: fqdn for fqdn in self.hosts}
        chosen = []
        for server in self.servers:
            nodes = self.simulator.call("cluster_get", server)["nodes"]
            members = [fqdn for fqdn in self.servers if self.label(fqdn) in nodes or fqdn in nodes]
            peer = members[(members.index(server) + 1) % len(members)]
            volume = next(v for v in free if {server, peer} <= {numbers[n["host_id"]] for n in v["volume_nodes"]})
            free.remove(volume)
            self.manager.send("PUT", volume["resource_uri"], {"id": volume["id"], "nodes": [
                {"id": node["id"], "primary": numbers[node["host_id"]] == server, "use": True}
                for node in volume["volume_nodes"] if numbers[node["host_id"]] in (server, peer)]})
            chosen.append(volume["id"])
        return chosen

    def make_filesystem(self):
        mgt, mdt, *osts = self.place_volumes()
        made = self.manager.send("POST", "filesystem/", {
            "name": "demo", "mgt": {"volume_id": mgt}, "mdts": [{"volume_id": mdt, "conf_params": {}}],
            "osts": [{"volume_id": ost, "conf_params": {}} for ost in osts], "conf_params": {}})
        self.tell("file system", f"creating 'demo' on {len(self.servers)} servers: 1 MGT, 1 MDT, {len(osts)} OSTs")
        self.manager.finish(made["command"])
        self.filesystem = self.manager.get(made["filesystem"]["resource_uri"])
        jobs = len(self.manager.get(made["command"]["resource_uri"])["jobs"])
        self.tell("file system", f"formatted, registered and started by {jobs} jobs: '{self.filesystem['name']}' is {self.filesystem['state']}")
        for target in self.targets().values():
            print(f"            {target['name']:<16} runs on {target['active_host_name']}", flush=True)

    def targets(self):
        return {target["name"]: target for target in self.manager.list("target/")}

    def mount_client(self):
        worker = self.workers[0]
        self.manager.send("POST", "client_mount/", {
            "host": self.hosts[worker]["resource_uri"], "filesystem": self.filesystem["resource_uri"],
            "mountpoint": "/mnt/demo"})
        self.manager.run(f"Mount demo on {self.label(worker)}", "MountLustreFilesystemsJob", host_id=self.hosts[worker]["id"])
        mounts = self.simulator.call("server_get", worker)["client_mounts"]
        spec = self.filesystem["mount_path"]
        if not mounts:
            raise Failure(f"{worker} has mounted nothing")
        self.tell("client", f"{self.label(worker)} has mounted {spec}")

    def views(self, target):
        """Where the target runs, as each screen tells it."""
        label = target["ha_label"]
        status = json.loads(subprocess.run(
            [self.program, "--config", self.folder, "status", "--json"], check=True, capture_output=True).stdout)
        told = [each["fqdn"] for each in status["servers"] if label in each["resources"]]
        return {
            "HA cluster (ctl cluster_get)": self.simulator.call("cluster_get", self.victim)["resource_locations"][label],
            "simulator (cluster-sim status)": told[0] if told else None,
            "manager (GET /api/target/)": self.manager.get(target["resource_uri"])["active_host_name"],
        }

    def agree(self, target, fqdn):
        """Waits until every screen says that the target runs there, tells when, and shows what they say."""
        when = {}

        def all_agree():
            for screen, place in self.views(target).items():
                if place not in (fqdn, self.label(fqdn)):
                    when.pop(screen, None)
                else:
                    when.setdefault(screen, time.time() - self.begun)
            return len(when) == 3

        wait_for(f"{target['name']} on {fqdn}", all_agree)
        self.tell("everywhere", f"{target['name']} runs on {self.label(fqdn)}:")
        for screen, at in when.items():
            print(f"            {screen:<32} {self.label(fqdn)}, since {at:.1f} s", flush=True)
        power = [("on" if outlet["on"] else "off") for strip in self.simulator.call("pdu_list")
                 for outlet in strip["outlets"] if outlet["server"] == self.victim]
        print(f"            {'power strips (their outlets)':<32} {self.label(self.victim)}: {', '.join(power)}", flush=True)

    def cut_power(self):
        target = self.targets()["demo-OST0000"]
        self.victim = next(f for f, host in self.hosts.items() if host["resource_uri"] == target["active_host"])
        rescuer = next(f for f, host in self.hosts.items() if host["resource_uri"] in target["failover_servers"])
        self.tell("power cut", f"{self.label(self.victim)} runs {target['name']} and loses its power")
        self.manager.run(f"Cut the power of {self.label(self.victim)}", "PoweroffHostJob", host_id=self.hosts[self.victim]["id"])
        self.tell("power cut", f"the manager has switched off all outlets of {self.label(self.victim)}")
        self.agree(target, rescuer)
        wait_for("an alert", lambda: self.manager.list("alert/?active=True&alert_type=TargetFailoverAlert"))
        for alert in self.manager.list("alert/?active=True&alert_type=TargetFailoverAlert"):
            self.tell("alert", alert["message"])
        return target

    def repair(self, target):
        self.tell("power on", f"the manager switches the outlets of {self.label(self.victim)} on again; it boots")
        self.manager.run(f"Power on {self.label(self.victim)}", "PoweronHostJob", host_id=self.hosts[self.victim]["id"])
        wait_for(f"{self.victim} to come back", lambda: self.simulator.call("host_contactable", self.victim))
        self.tell("power on", f"{self.label(self.victim)} is up and its agent talks to the manager again")
        self.manager.run(f"Fail back {target['name']}", "FailbackTargetJob", target_id=target["id"])
        self.tell("fail back", f"{target['name']} was asked to return")
        self.agree(target, self.victim)
        wait_for("the end of the alert", lambda: not self.manager.list("alert/?active=True&alert_type=TargetFailoverAlert"))
        wait_for("the client's report", lambda: self.manager.list("client_mount/")[0]["state"] == "mounted")
        self.tell("alert", f"none about {target['name']} any more; the client has kept its mount")


def main(manager_url, control_url, program, folder, begun):
    story = Story(Manager(manager_url), Simulator(control_url), program, folder, float(begun))
    story.connect_power()
    story.await_clusters()
    story.make_filesystem()
    story.mount_client()
    target = story.cut_power()
    story.repair(target)


if __name__ == "__main__":
    if len(sys.argv) != 6:
        sys.exit(__doc__)
    try:
        main(*sys.argv[1:])
    except (Failure, OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"demo: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
