#!/usr/bin/env bash
# run.sh [LRSC [FOLDER]]: finds a learning rate by a range test, and trains with it.
#
#   1. compiles rangetest.lrs, and trains with it: 101 updates, whose losses are written down;
#   2. asks `lrsc find` what they say;
#   3. compiles train.lrs with that peak, and trains a new network.
#
# In: lrsc (the one on the path without an argument), $CC or cc. Out: what is done, and the accuracy; all files are in FOLDER, or in a
# folder that is removed in the end. Exit code 0 when the accuracy is 95 % or more.
set -euo pipefail

here=$(cd "$(dirname "$0")" && pwd)
lrsc=${1:-lrsc}
if [ $# -gt 1 ]; then
    dir=$2
    mkdir -p "$dir"
else
    dir=$(mktemp -d)
    trap 'rm -rf "$dir"' EXIT
fi

# build NAME SCHEDULE [OPTION of lrsc]...: the program NAME, which trains by this schedule.
build() {
    local name=$1 schedule=$2
    shift 2
    mkdir -p "$dir/$name.c"
    "$lrsc" "$here/$schedule" "$@" --emit=c,header -o "$dir/$name.c/schedule.c"
    "${CC:-cc}" -std=c11 -O2 -ffp-contract=off -I "$dir/$name.c" -I "$here/../trainer" "$here/main.c" "$here/../trainer/mlp.c" \
        "$here/../trainer/digits.c" "$dir/$name.c/schedule.c" -lm -o "$dir/$name"
}

build range rangetest.lrs
"$dir/range" "$here/../data/digits.csv" 101 "$dir/losses.csv" >"$dir/range.out"
"$lrsc" find "$dir/losses.csv" --smooth=0.9
peak=$("$lrsc" find "$dir/losses.csv" --smooth=0.9 --suggest=valley)

build train train.lrs -D "peak=$peak"
"$dir/train" "$here/../data/digits.csv" 1500 "$dir/log.csv" >"$dir/train.out"
echo "trained with peak=$peak: $(cat "$dir/train.out")"
awk '$3 >= 95 {good = 1} END {exit !good}' "$dir/train.out"
