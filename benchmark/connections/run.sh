#!/bin/sh
# `cluster-sim-benchmark connections` beside h2load and wrk, then the client library of the agents; see bench.txt.
# `--only library` is the latter alone; other options belong to the former.
set -e
cd "$(dirname "$0")/../.."
[ -f build/build.ninja ] || cmake --preset release
cmake --build build --target cluster-sim-benchmark bench_connections
json=build/bench/connections.json only=
options=
while [ $# -gt 0 ]; do
    case $1 in
        --json) json=$2; shift ;;
        --only) only=$2; options="$options $1 $2"; shift ;;
        *) options="$options $1" ;;
    esac
    shift
done
status=0
if [ "$only" != library ]; then
    # shellcheck disable=SC2086
    python3 benchmark/connections/side_by_side.py --json "$json" $options || status=1
fi
if [ -z "$only" ] || [ "$only" = library ]; then
    build/bin/bench_connections --json "${json%.json}_library.json" || status=1
fi
exit $status
