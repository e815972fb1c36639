#!/usr/bin/env bash
# Builds the programs and measures them. Arguments: --json FILE, --servers N, --osts N, --bin FOLDER.
set -euo pipefail
cd "$(dirname "$0")/../.."
case " $* " in
    *" --bin "*) ;;
    *)
        [ -f build/build.ninja ] || cmake --preset release
        cmake --build --preset release --target cluster-sim cluster-sim-manager
        ;;
esac
exec python3 benchmark/filesystem/measure.py "$@"
