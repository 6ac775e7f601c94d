#!/usr/bin/env bash
# test.sh TRAINER: trains, resumes, and hands the trainer every kind of file that it must refuse.
#
# In: the trainer.  Out: nothing and status 0, or what failed and status 1.
set -u

trainer=$1
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
failures=0

fail() {
    echo "FAIL: $*"
    failures=$((failures + 1))
}

# refuses STATUS TEXT ARGUMENT...: the trainer must end with this status and say this text on standard error.
refuses() {
    local status=$1 text=$2 got=0
    shift 2
    "$trainer" "$@" >"$dir/refused.out" 2>"$dir/refused.err" || got=$?
    [ "$got" = "$status" ] || fail "trainer $*: status $got, not $status"
    grep -qF -- "$text" "$dir/refused.err" || fail "trainer $*: no \"$text\" in: $(cat "$dir/refused.err")"
}

"$trainer" --checkpoint "$dir/middle" --checkpoint-at 15 >"$dir/log" || fail "training ended with status $?"
[ -e "$dir/middle.tmp" ] && fail "a temporary checkpoint was left behind"

# The log shows the model, the warm-up (0, 0.02, ... 0.1), the exponential and a halving.
awk '/^test accuracy/ && $3 >= 95 {found = 1} END {exit !found}' "$dir/log" || fail "test accuracy below 95 %: $(tail -n 1 "$dir/log")"
[ "$(awk '/^update/ {printf "%s ", $4}' "$dir/log")" = "0 0.02 0.04 0.06 0.08 0.1 " ] || fail "no warm-up in the log"
grep -q 'plateau: rate x0.5$' "$dir/log" || fail "no halving in the log"
# An epoch is 38 updates of the exponential, 10^(-38/1000), times what the note on the line before says.
awk '
    /^epoch/ {
        for (i = 1; i <= NF; i++) if ($i == "lr") lr = $(i + 1)
        if (last > 0) {
            ratio = lr / last / scale
            if (ratio < 0.9155 || ratio > 0.9170) bad = 1
            n++
        }
        last = lr
        scale = /plateau/ ? substr($NF, 2) : 1
    }
    END { exit bad || n < 20 }' "$dir/log" || fail "the rate does not follow the exponential and the notes"
# The notes stand where PyTorch's ReduceLROnPlateau(factor=0.5, patience=3) reduces the rate, given the same losses.
awk '
    BEGIN { best = 1e300 }
    /^epoch/ {
        for (i = 1; i <= NF; i++) if ($i == "validation") loss = $(i + 2)
        if (loss < best * (1 - 1e-4)) { best = loss; bad = 0 } else bad++
        fires = bad > 3
        if (fires) bad = 0
        if (fires != /plateau/) wrong = 1
    }
    END { exit wrong }' "$dir/log" || fail "the notes do not follow the validation loss"

# Resumed in the middle, the rest of the log is the same, byte for byte; the same seed gives the same log again.
"$trainer" --resume "$dir/middle" >"$dir/rest" 2>/dev/null || fail "resuming ended with status $?"
sed -n '/^epoch 16 /,$p' "$dir/log" | cmp - "$dir/rest" || fail "the resumed log differs"
[ -s "$dir/rest" ] || fail "the resumed log is empty"
"$trainer" | cmp - "$dir/log" || fail "a second run differs"
"$trainer" --seed 2 --epochs 2 | cmp -s - "$dir/log" && fail "another seed gives the same log"

# A checkpoint that was written by a resumed run is the same as that of a run in one piece.
"$trainer" --epochs 20 --checkpoint "$dir/a" >/dev/null
"$trainer" --epochs 20 --checkpoint "$dir/b" --resume "$dir/middle" >/dev/null 2>&1
cmp "$dir/a" "$dir/b" || fail "the checkpoints of the resumed run and of the whole run differ"

# Files that cannot be used, and wrong usage.
size=$(wc -c <"$dir/middle")
printf 'hello\n' >"$dir/other"
for n in 0 8 15 16 100 $((size / 2)) $((size - 1)); do
    head -c "$n" "$dir/middle" >"$dir/short-$n"
    refuses 1 "$dir/short-$n: is " --resume "$dir/short-$n"
done
for at in 20 100 $((size / 2)) $((size - 20)) $((size - 1)); do
    cp "$dir/middle" "$dir/damaged"
    byte=$(od -An -tu1 -j "$at" -N 1 "$dir/middle")
    printf "\\$(printf %o $((byte ^ 64)))" | dd of="$dir/damaged" bs=1 seek="$at" conv=notrunc 2>/dev/null
    refuses 1 "is damaged" --resume "$dir/damaged"
done
{ cat "$dir/middle"; echo; } >"$dir/long"
refuses 1 "is damaged" --resume "$dir/long"
refuses 1 "is not a checkpoint" --resume "$dir/other"
refuses 1 "cannot open" --resume "$dir/none"
refuses 1 "past the last epoch" --resume "$dir/middle" --epochs 3
refuses 1 "cannot open" --data "$dir/none"
refuses 1 "cannot write" --epochs 1 --checkpoint "$dir/none/checkpoint"
{ echo header; echo 1,2,3; } >"$dir/bad.csv"
refuses 1 "bad.csv:2: expected 64 pixels" --data "$dir/bad.csv"
echo header >"$dir/empty.csv"
refuses 1 "too few samples" --data "$dir/empty.csv"
head -n 1000 "${0%/*}/../data/digits.csv" >"$dir/part.csv"
refuses 1 "other data" --data "$dir/part.csv" --resume "$dir/middle"
refuses 2 "unknown option" --nonsense
refuses 2 "needs a value" --epochs
refuses 2 "whole number" --epochs five
refuses 2 "whole number" --epochs -1
refuses 2 "exclude each other" --seed 1 --resume "$dir/middle"
refuses 2 "needs --checkpoint" --checkpoint-at 3

[ "$failures" = 0 ]
