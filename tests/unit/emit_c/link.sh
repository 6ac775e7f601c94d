#!/bin/sh
# Two schedules in one program, one of them without --prefix; their objects show the interface and nothing else.
# usage: link.sh FILES COMPILER   77: the compiler is not here
files=$1 cc=$2
here=$(dirname "$0")
command -v "$cc" >/dev/null || { echo "SKIP: $cc is not installed"; exit 77; }
set -e
"$cc" -O2 -c "$files/sched.c" -o "$files/sched-$cc.o"
"$cc" -O2 -c "$files/enc.c" -o "$files/enc-$cc.o"
"$cc" -std=c99 -O2 -I"$files" "$here/two.c" "$files/sched-$cc.o" "$files/enc-$cc.o" -o "$files/two-$cc" -lm
"$files/two-$cc"
for prefix in sched enc; do
    # get_lr alone may lack the prefix, and only where no prefix was asked for
    others=$(nm -g --defined-only "$files/$prefix-$cc.o" | awk '{print $3}' | grep -v "^${prefix}_" | tr '\n' ' ')
    case $prefix in sched) want='get_lr ' ;; *) want= ;; esac
    [ "$others" = "$want" ] || { echo "$prefix.o also defines: $others"; exit 1; }
done
echo "the objects define the interface only ($cc)"
