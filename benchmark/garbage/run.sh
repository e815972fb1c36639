#!/usr/bin/env bash
# Arguments go to throw.py (--json FILE, --connections N, --servers N).
set -euo pipefail
cd "$(dirname "$0")/../.."
[ -f build/build.ninja ] || cmake --preset release
cmake --build --preset release --target cluster-sim cluster-sim-manager
exec python3 -B benchmark/garbage/throw.py --bin build/bin "$@"
