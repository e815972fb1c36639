#!/usr/bin/env bash
# Builds the benchmark and its peers, then runs them by turns. Arguments go to bench_queue (--json FILE, --runs N).
# Peers that cannot be had are left out.
set -euo pipefail
cd "$(dirname "$0")/../.."
[ -f build/build.ninja ] || cmake --preset release
cmake --build --preset release --target bench_queue
benchmark/queue/peers.sh build/bench/queue-peers || echo "queue: some peers are missing" >&2
exec build/bin/bench_queue --peers build/bench/queue-peers "$@"
