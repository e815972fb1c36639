#!/usr/bin/env bash
# Fetches and builds the peers of the queue benchmark into a folder, without installing anything:
#   peers.sh FOLDER
# Leaves FOLDER/peers.txt with a line `label|command` for each peer that could be had. Debian's SimGrid needs another
# Boost than we do, so packages are unpacked beside the system instead of into it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
mkdir -p "$1"
cd "$1"
folder=$PWD
[ -s peers.txt ] && exit 0

version() { dpkg-deb -f "$1"_*.deb Version | cut -d- -f1 | cut -d+ -f1; }

mkdir -p root
for package in libns3-dev libns3.37 libgsl27 libgslcblas0 libsimgrid-dev libsimgrid3.32 libboost-context1.74.0 \
    libboost-stacktrace1.74.0 python3-simpy; do
    apt-get download -q "$package" >/dev/null 2>&1 || echo "peers: no package $package here" >&2
done
for package in ./*.deb; do dpkg-deb -x "$package" root; done
libraries=$folder/root/usr/lib/$(gcc -print-multiarch)
: >peers.new
if g++ -std=c++17 -O2 -isystem root/usr/include "$here/ns3_hold.cc" -o ns3_hold -L"$libraries" -lns3-core -Wl,--allow-shlib-undefined; then
    echo "ns-3 $(version libns3.37)|LD_LIBRARY_PATH=$libraries $folder/ns3_hold" >>peers.new
fi
if g++ -std=c++17 -O2 -isystem root/usr/include "$here/simgrid_hold.cc" -o simgrid_hold -L"$libraries" -lsimgrid -Wl,--allow-shlib-undefined; then
    echo "SimGrid $(version libsimgrid3.32)|LD_LIBRARY_PATH=$libraries $folder/simgrid_hold" >>peers.new
fi
if PYTHONPATH=root/usr/lib/python3/dist-packages python3 "$here/simpy_hold.py" 10 100 >/dev/null; then
    python=$folder/root/usr/lib/python3/dist-packages
    echo "SimPy $(version python3-simpy)|PYTHONPATH=$python python3 $here/simpy_hold.py" >>peers.new
fi
mv peers.new peers.txt
