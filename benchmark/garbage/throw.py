"""Throws garbage connections at a manager's port and looks whether it, or its agents, took any harm."""

import argparse
import os
import random
import socket
import struct
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from live_cluster import LiveCluster, deliver, figure  # noqa: E402

SESSIONS_OF_A_SERVER = 7


def garbage(chance):
    """Nothing, plain HTTP, noise, half a TLS greeting, a whole one with noise in it, or far too much."""
    kind = chance.randrange(6)
    if kind == 0:
        return b""
    if kind == 1:
        return b"GET / HTTP/1.1\r\n\r\n"
    if kind == 2:
        return chance.randbytes(300)
    if kind == 3:
        return b"\x16\x03\x01\x40\x00\x01"
    if kind == 4:
        return b"\x16\x03\x01\x01\x00\x01\x00\x00\xfc" + chance.randbytes(252)
    return b"A" * 20_000


def throw(port, count, seed):
    """Every connection ends in its own way. Returns how many the manager accepted."""
    chance = random.Random(seed)
    accepted = 0
    for number in range(count):
        with socket.socket() as client:
            client.settimeout(30)
            try:
                client.connect(("127.0.0.1", port))
                accepted += 1
                client.setblocking(False)
                client.send(garbage(chance))
            except OSError:
                pass
            if number % 3 == 0:
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return accepted


def resident_bytes(pid):
    with open(f"/proc/{pid}/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def descriptors_of_strangers(cluster):
    """What the manager has open, without the connections of its agents, which come and go."""
    return len(os.listdir(f"/proc/{cluster.manager.pid}/fd")) - cluster.info()["connections"]


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", default="build/bin")
    parser.add_argument("--connections", type=int, default=100_000)
    parser.add_argument("--servers", type=int, default=8)
    parser.add_argument("--json")
    options = parser.parse_args()
    with LiveCluster(options.bin, options.servers, "default") as cluster:
        wanted = options.servers * SESSIONS_OF_A_SERVER
        while cluster.info()["sessions_open"] < wanted:
            time.sleep(0.2)
        pid = cluster.manager.pid
        throw(cluster.port, 1000, 1)
        before, memory, open_files = cluster.info(), resident_bytes(pid), descriptors_of_strangers(cluster)
        began = time.monotonic()
        accepted = throw(cluster.port, options.connections, 2)
        span = time.monotonic() - began
        deadline = time.monotonic() + 30
        while descriptors_of_strangers(cluster) > open_files and time.monotonic() < deadline:
            time.sleep(0.2)
        after, grown = cluster.info(), resident_bytes(pid) - memory
        left_open = max(0, descriptors_of_strangers(cluster) - open_files)
        alive = cluster.manager.poll() is None
    failed = after["failures"] - before["failures"]
    figures = [
        figure("connections_accepted", accepted, "", options.connections, accepted == options.connections),
        figure("connections_per_second", accepted / span, "1/s"),
        figure("manager_survived", int(alive), "", 1, alive),
        figure("requests_of_agents_failed", failed, "", 0, failed == 0),
        figure("sessions_lost", wanted - after["sessions_open"], "", 0, after["sessions_open"] == wanted),
        figure("descriptors_left_open", left_open, "", 0, left_open == 0),
        figure("manager_grew_by", grown / 1e6, "MB", 10, grown < 10e6),
    ]
    command = f"benchmark/garbage/run.sh --connections {options.connections} --servers {options.servers}"
    return 0 if deliver([command], figures, options.json) else 1


sys.exit(main())
