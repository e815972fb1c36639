#!/bin/sh
# Half a million connections, both ends on this machine; see bench.txt.
set -e
cd "$(dirname "$0")/../.."
[ -f build/build.ninja ] || cmake --preset release
cmake --build build --target cluster-sim-benchmark
exec python3 benchmark/halfmillion/measure.py "$@"
