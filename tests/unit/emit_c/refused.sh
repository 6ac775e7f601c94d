#!/bin/sh
# Options that permit the compiler to change values are refused with a message that names them.
# usage: refused.sh FILES COMPILER   77: the compiler is not here
files=$1 cc=$2
command -v "$cc" >/dev/null || { echo "SKIP: $cc is not installed"; exit 77; }
n=0
for options in -ffast-math -Ofast -ffinite-math-only '-O2 -ffast-math'; do
    # shellcheck disable=SC2086
    if message=$("$cc" $options -c "$files/card.c" -o /dev/null 2>&1); then
        echo "$cc $options was not refused"
        exit 1
    fi
    case $message in
    *error*fast-math*) n=$((n + 1)) ;;
    *)
        echo "$cc $options: $message"
        exit 1
        ;;
    esac
done
# and it is those options that were refused
"$cc" -O2 -c "$files/card.c" -o /dev/null || exit 1
echo "$n options refused by $cc"
