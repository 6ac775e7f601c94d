#!/bin/sh
# Builds the emitted C with one compiler and its options and plays the script on it: every result the same bits.
# usage: bits.sh FILES NAME 'COMPILER' 'OPTIONS' ['RUNNER']   77: the compiler or the runner is not here
files=$1 name=$2 cc=$3 options=$4 runner=$5
here=$(dirname "$0")
for tool in $cc $runner; do
    case $tool in
    -* | /*) continue ;;
    esac
    command -v "$tool" >/dev/null || { echo "SKIP: $tool is not installed"; exit 77; }
done
if [ "$options" != "${options#*-march=x86}" ] && [ "$(uname -m)" != x86_64 ]; then
    echo "SKIP: this machine is no x86-64"
    exit 77
fi
set -e
# shellcheck disable=SC2086
$cc $options -I"$here" -I"$files" "$here/run_script.c" "$files/table.c" "$files/all.c" -o "$files/run-$name" -lm
printf '%s %s: ' "$cc" "$options"
# shellcheck disable=SC2086
exec $runner "$files/run-$name" "$files/script.bin"
