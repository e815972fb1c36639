#!/bin/sh
# Half a million connections, both ends on this machine; see bench.txt.
set -e
cd "$(dirname "$0")/../.."
[ -f build/build.ninja ] || cmake --preset release
cmake --build build --target cluster-sim-benchmark
# A network namespace of its own, where it may be made: rules of firewalls and containers switch on the tracking of
# connections, which ends at 262,144 by default.
if unshare -n true 2>/dev/null; then
    exec unshare -n sh -c 'ip link set lo up && exec python3 benchmark/halfmillion/measure.py "$@"' measure "$@"
fi
exec python3 benchmark/halfmillion/measure.py "$@"
