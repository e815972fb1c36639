#!/usr/bin/env bash
# Arguments go to measure.py (--json FILE, --servers N, --seconds S).
set -euo pipefail
cd "$(dirname "$0")/../.."
[ -f build/build.ninja ] || cmake --preset release
cmake --build --preset release --target cluster-sim cluster-sim-manager
exec python3 -B benchmark/reference_traffic/measure.py --bin build/bin "$@"
