#!/usr/bin/env bash
# Builds the program and measures it. Arguments: --json FILE, --count N, --simulated N, --runs N, --launches N,
# --jobs N, --bin FOLDER.
set -euo pipefail
cd "$(dirname "$0")/../.."
case " $* " in
    *" --bin "*) ;;
    *)
        [ -f build/build.ninja ] || cmake --preset release
        cmake --build --preset release --target cluster-sim cluster-sim-init cluster-sim-benchmark
        ;;
esac
exec python3 benchmark/environments/measure.py "$@"
