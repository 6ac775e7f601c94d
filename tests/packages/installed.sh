#!/bin/sh
# installed.sh: uses the packages lrsc, liblrs0, liblrs-dev and python3-lrs where they are installed, as scripts/packages --test runs it,
# with the sources of programs beside it. Works in a folder of its own.
#
# Out: status 0, or 1 with what failed.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

# expect TEXT COMMAND...: what the command prints.
expect() {
    want=$1
    shift
    got=$("$@") || { echo "FAIL: $* ended with $?"; exit 1; }
    [ "$got" = "$want" ] || { echo "FAIL: $* printed \"$got\", not \"$want\""; exit 1; }
    echo "$*: $got" | head -n 1
}
cp "$here"/program.c "$here"/one.c "$here"/ramp.lrs .

# the command, with its plugins
lrsc --version | grep -q '^LLVM: [0-9]' || { lrsc --version && echo "FAIL: lrsc has no LLVM" && exit 1; }
expect "step,lr
5,0.050000000000000003" lrsc eval ramp.lrs --at 5
expect "step,lr
5,0.050000000000000003" lrsc eval --engine=jit ramp.lrs --at 5
for picture in ramp.png ramp.pdf ramp.svg ramp.html; do
    lrsc plot ramp.lrs -o $picture
    [ -s $picture ] || { echo "FAIL: there is no $picture"; exit 1; }
done
[ -n "$(find /usr/lib -name lrs-readline.so)" ] || { echo "FAIL: lrsc has no line editor"; exit 1; }

# an object in a C program; the library in both its forms
lrsc ramp.lrs -o ramp.o
cc one.c ramp.o -lm -o one
expect "0 0.05 0.1" ./one
lib=$(pkg-config --variable=libdir lrs)
# shellcheck disable=SC2046 # words on purpose
cc program.c $(pkg-config --cflags --libs lrs) -lm -o shared
expect "0.05 0.05 $(realpath "$lib/lrs")" ./shared jit
cc program.c "$lib/liblrs.a" -lm -ldl -o static
expect "0.05 0.05 $(realpath "$lib/lrs")" ./static jit

# make and CMake
mkdir make
cp "$here/Makefile" program.c one.c ramp.lrs make
make -s -C make
expect "0 0.05 0.1" make/scheduled
mkdir package
cp "$here/CMakeLists.txt" program.c one.c ramp.lrs package
cmake -S package -B build >log && cmake --build build >log || { cat log && exit 1; }
expect "0 0.05 0.1" build/scheduled
expect "0.05 0.05 $(realpath "$lib/lrs")" build/shared jit

# Python
expect "0.05" python3 -c 'import lrs; print(lrs.compile("warmup 10 linear -> 0.1")(5))'
expect "$(lrsc --version)" python3 -m lrs --version
expect "$(lrsc --version | sed -n '1s/lrsc //p')" python3 -c 'from importlib.metadata import version; print(version("lrs-lang"))'
[ -z "$(find /usr/lib/python3/dist-packages/lrs/__pycache__ -name '__init__*.pyc' 2>/dev/null)" ] && echo "FAIL: the package lrs was not compiled to bytecode" && exit 1
echo "all of it works"
