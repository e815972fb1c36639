#!/bin/sh
# Says which functions and objects two of our libraries define: the linker takes either one without a word.
# usage: check_symbols.sh BUILD_FOLDER
set -eu
cd "$1"
libraries=$(find . -name 'libcsim_*.a' ! -path './tests/*' ! -path './benchmark/*/*' | sort)
[ -n "$libraries" ] || { echo "check_symbols: there are no libraries below $1"; exit 1; }
twice=$(for library in $libraries; do
    nm --defined-only --extern-only "$library" 2>/dev/null | awk '$2 ~ /^[TDBR]$/ {print $3}' | sort -u
done | sort | uniq -d | head -40 | c++filt)
[ -z "$twice" ] || { printf 'defined in two libraries:\n%s\n' "$twice"; exit 1; }
echo "$(echo "$libraries" | wc -l) libraries, nothing is defined twice"
