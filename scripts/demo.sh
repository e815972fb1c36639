#!/usr/bin/env bash
# The main job, shown: eight impersonated servers come to life under the embedded manager, carry a file system, and one
# of them loses its power.
# usage: demo.sh BIN_FOLDER [--once]
set -euo pipefail

bin=$1
shift
here=$(cd "$(dirname "$0")" && pwd)
begun=$(date +%s.%N)
once=false
[ "${1:-}" = --once ] && once=true

folder=$(mktemp -d "${TMPDIR:-/tmp}/cluster-sim-demo.XXXXXX")
manager=
simulator=

finish() {
    trap - EXIT INT TERM
    [ -z "$simulator" ] || kill "$simulator" 2>/dev/null || true
    [ -z "$simulator" ] || wait "$simulator" 2>/dev/null || true
    [ -z "$manager" ] || kill "$manager" 2>/dev/null || true
    [ -z "$manager" ] || wait "$manager" 2>/dev/null || true
    rm -rf "$folder"
}
trap 'finish; exit 130' INT
trap 'finish; exit 143' TERM
trap finish EXIT

step() { printf '\n\033[1m%s\033[0m\n' "$*"; }
show() {
    printf '$ %s\n' "$*"
    "$bin/$1" "${@:2}"
}

step "1. A manager, on this machine"
printf '$ cluster-sim-manager --listen 127.0.0.1:0 --state %s/manager\n' "$folder"
"$bin/cluster-sim-manager" --listen 127.0.0.1:0 --state "$folder/manager" --ready_file "$folder/manager.url" \
    >"$folder/manager.log" 2>&1 &
manager=$!
for _ in $(seq 200); do
    [ -s "$folder/manager.url" ] && break
    kill -0 "$manager" 2>/dev/null || { cat "$folder/manager.log"; exit 1; }
    sleep 0.05
done
url=$(cat "$folder/manager.url")
echo "manager ready at $url (accounts: admin/lustre)"
echo "Open that address in a browser: the page shows everything that follows as it happens."

step "2. A cluster that is not there: eight servers and a worker"
show cluster-sim --config "$folder/cluster" setup --server_count 8 --psu_count 2

step "3. Every server makes its own key, gets its certificate, and comes to life"
printf '$ cluster-sim --config %s/cluster --url %s register --username admin --password lustre\n' "$folder" "$url"
"$bin/cluster-sim" --config "$folder/cluster" --url "$url" register --username admin --password lustre \
    --control_listen 127.0.0.1:0 --pdu_port 0 --ready_file "$folder/control.url" 2>"$folder/simulator.log" >/dev/null &
simulator=$!
for _ in $(seq 1200); do
    grep -q '^registered' "$folder/simulator.log" && break
    kill -0 "$simulator" 2>/dev/null || { cat "$folder/simulator.log"; exit 1; }
    sleep 0.02
done
cat "$folder/simulator.log"

step "4. The manager sets all of them up"
show cluster-sim --config "$folder/cluster" --url "$url" watch --username admin --password lustre --until ready

step "5. The simulated cluster, as it sees itself"
show cluster-sim --config "$folder/cluster" status

step "6. A file system on it, a client, a power cut, and its repair"
python3 "$here/demo_story.py" "$url" "$(cat "$folder/control.url")" "$bin/cluster-sim" "$folder/cluster" "$begun"

step "7. The simulated cluster afterwards"
show cluster-sim --config "$folder/cluster" status

if $once; then
    step "Done."
    exit 0
fi
step "Everything stays up until you press Ctrl-C: the page at $url, and from another terminal"
for words in "cluster-power --config $folder/cluster server test003.localdomain off" \
    "cluster-sim --config $folder/cluster ctl --list" "cluster-sim --config $folder/cluster status"; do
    printf '  %s/%s\n' "$bin" "$words"
done
wait "$simulator"
