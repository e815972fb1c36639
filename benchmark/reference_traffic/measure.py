"""Counts what a fleet with reference habits sends in a minute, beside what an original agent sent.

The original: one agent of a server that no manager had set up, seen for a minute after its sessions were open
(polls answered with nothing, two posts each ten seconds). Bodies differ with what a server has to report, so
their bytes are told and not judged. Agents that start together poll together, each half minute, so a minute
would count one poll or two: the span must be long.
"""

import argparse
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from live_cluster import LiveCluster, deliver, figure  # noqa: E402

ORIGINAL = {"polls": 2, "posts": 12, "requests": 14, "messages_sent": 24, "connects": 14}
ORIGINAL_BYTES = 19_250
TOLERANCE = 0.1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--bin", default="build/bin")
    parser.add_argument("--servers", type=int, default=50)
    parser.add_argument("--seconds", type=int, default=300)
    parser.add_argument("--json")
    options = parser.parse_args()
    with LiveCluster(options.bin, options.servers, "reference") as cluster:
        time.sleep(20)
        began, before = time.monotonic(), cluster.info()
        time.sleep(options.seconds)
        span, after = time.monotonic() - began, cluster.info()
    minutes = span / 60 * options.servers
    figures = []
    for name, original in ORIGINAL.items():
        rate = (after[name] - before[name]) / minutes
        met = abs(rate / original - 1) <= TOLERANCE
        figures.append(figure(f"{name}_per_server_and_minute", rate, "1/min", original, met, original))
    sent = (after["bytes_sent"] - before["bytes_sent"]) / minutes
    figures.append(figure("bytes_sent_per_server_and_minute", sent, "B/min", peer=ORIGINAL_BYTES))
    figures.append(figure("failures", after["failures"] - before["failures"], "", 0,
                          after["failures"] == before["failures"]))
    figures.append(figure("lag_p99", after["lag_ms"]["p99"], "ms"))
    command = f"benchmark/reference_traffic/run.sh --servers {options.servers} --seconds {options.seconds}"
    return 0 if deliver([command], figures, options.json) else 1


sys.exit(main())
