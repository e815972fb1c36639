#!/usr/bin/env bash
# Builds the program and measures it. Arguments: --json FILE, --nodes N, --runs N, --bin FOLDER.
set -euo pipefail
cd "$(dirname "$0")/../.."
case " $* " in
    *" --bin "*) ;;
    *)
        [ -f build/build.ninja ] || cmake --preset release
        cmake --build --preset release --target cluster-sim cluster-sim-init
        ;;
esac
exec python3 benchmark/vcluster/measure.py "$@"
