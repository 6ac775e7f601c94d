#!/usr/bin/env bash
# test.sh CMAKE GENERATOR LRSC obj|c: builds the project in consumer/ outside the tree and looks at what its programs print.
#
# In: the tools to use, and what lrsc of this build can write.  Out: status 0, 1 with what failed, or 77 to skip.
set -eu

cmake=$1 generator=$2 lrsc=$3 emit=$4
here=$(cd "$(dirname "$0")" && pwd)
if [ "$generator" = Ninja ] && ! command -v ninja >/dev/null; then
    echo "SKIP: there is no ninja"
    exit 77
fi

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cp -r "$here/consumer" "$dir/source with a space"
cd "$dir"

build() {
    "$cmake" --build build >build.log 2>&1 || {
        cat build.log
        exit 1
    }
}

# expect PROGRAM TEXT: what the program prints.
expect() {
    local got
    got=$("build/$1")
    if [ "$got" != "$2" ]; then
        echo "FAIL: $1 printed \"$got\", not \"$2\""
        exit 1
    fi
}

"$cmake" -G "$generator" -S "source with a space" -B build -DLRSC="$lrsc" -DDEFAULT_EMIT="$emit" \
    -DLRS_MODULE="$here/../../cmake/LrsSchedules.cmake" >configure.log 2>&1 || {
    cat configure.log
    exit 1
}
build

# The values follow from the schedules' text: a ramp to 0.1 in 10 steps, to 0.3 in 10, and a tenth after 100 steps.
expect one "0 0.05 0.1"
expect prefixed "0 0.05 0.1"
expect two "0.05 0.15"
expect defined "0 0.25 0.5"
expect through_library "0 0.05 0.1"
expect plain "0 0.05 0.1"
expect as_c "0 0.05 0.1"
expect fast_math "0 0.05 0.1"

# A project of C++ alone does not compile C: it is told so, and not left to the linker.
mkdir cxx
cat >cxx/CMakeLists.txt <<'end'
cmake_minimum_required(VERSION 3.20)
project(cxx LANGUAGES ${LANGUAGES})
include("${LRS_MODULE}")
add_executable(program main.cpp)
lrs_add_schedules(program SOURCES "${SOURCE}" EMIT c)
end
printf '#include "ramp.h"\nint main() { return get_lr(10, 0) == 0.1 ? 0 : 1; }\n' >cxx/main.cpp
if command -v c++ >/dev/null; then
    cxx() {
        "$cmake" -G "$generator" -S cxx -B "$1" -DLANGUAGES="$2" -DLRSC="$lrsc" -DSOURCE="$dir/source with a space/ramp.lrs" \
            -DLRS_MODULE="$here/../../cmake/LrsSchedules.cmake" >configure.log 2>&1
    }
    if cxx cxx-alone CXX; then
        echo "FAIL: C was taken by a project of C++ alone"
        exit 1
    fi
    grep -q 'LANGUAGES C CXX' configure.log && cxx cxx-both "C;CXX" && "$cmake" --build cxx-both >>configure.log 2>&1 && cxx-both/program || {
        cat configure.log
        echo "FAIL: the project of C++"
        exit 1
    }
fi

# Nothing to do the second time.
touch stamp
sleep 1
build
if find build -name '*.[oh]' -newer stamp | grep .; then
    echo "FAIL: a second build made these anew"
    exit 1
fi

# A changed schedule is compiled again, and what includes its header too.
printf 'warmup 10 linear -> 0.2\n' >"source with a space/ramp.lrs"
build
expect one "0 0.1 0.2"
expect through_library "0 0.1 0.2"

# A wrong schedule stops the build with lrsc's message, and is named.
printf 'warmup 10 linear -> \n' >"source with a space/ramp.lrs"
if "$cmake" --build build >build.log 2>&1; then
    echo "FAIL: a build with a wrong schedule succeeded"
    exit 1
fi
grep -q 'ramp\.lrs:.*error' build.log || {
    cat build.log
    echo "FAIL: the error is not in the build's output"
    exit 1
}
