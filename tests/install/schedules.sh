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

# A misspelt keyword stops, wherever it is. What is no file is told when no rule makes it, wherever the rule is.
mkdir -p wrong/sub
cat >wrong/CMakeLists.txt <<'end'
cmake_minimum_required(VERSION ${VERSION})
project(wrong LANGUAGES C)
include("${LRS_MODULE}")
add_executable(program "${MAIN}")
add_custom_command(OUTPUT "${CMAKE_SOURCE_DIR}/made.lrs" COMMAND "${CMAKE_COMMAND}" -E copy "${RAMP}" "${CMAKE_SOURCE_DIR}/made.lrs")
lrs_add_schedules(program SOURCES ${SOURCES} PREFIX p EMIT c)
add_custom_command(OUTPUT "${CMAKE_SOURCE_DIR}/later.lrs" COMMAND "${CMAKE_COMMAND}" -E copy "${RAMP}" "${CMAKE_SOURCE_DIR}/later.lrs")
add_subdirectory(sub)
set_source_files_properties("${CMAKE_SOURCE_DIR}/said.lrs" PROPERTIES GENERATED TRUE)
end
cat >wrong/sub/CMakeLists.txt <<'end'
add_custom_command(OUTPUT "${CMAKE_CURRENT_SOURCE_DIR}/far.lrs" COMMAND "${CMAKE_COMMAND}" -E copy "${RAMP}" "${CMAKE_CURRENT_SOURCE_DIR}/far.lrs")
end
printf 'int main(void) { return 0; }\n' >wrong/main.c
wrong() { # BUILD SOURCES [VERSION]
    "$cmake" -G "$generator" -S wrong -B "$1" -DSOURCES="$2" -DVERSION="${3-3.20}" -DMAIN=main.c -DRAMP="$dir/source with a space/ramp.lrs" \
        -DLRSC="$lrsc" -DLRS_MODULE="$here/../../cmake/LrsSchedules.cmake" >configure.log 2>&1
}
told() { # COUNT TEXT: how often there is no file, and what is said
    tr -s '\n ' ' ' <configure.log | sed 's/there is no file/\n&/g' >told.log
    [ "$(grep -c "^there is no file" told.log)" = "$1" ] && grep -qF "$2" told.log
}
fail() {
    cat configure.log
    echo "FAIL: $1"
    exit 1
}
refused() {
    if wrong build-wrong "$1" || ! told 1 "there is no file $2"; then fail "SOURCES $1"; fi
}
refused "made.lrs;DEFINE;peak=1e-3" "DEFINE. Did you mean DEFINES?"
refused "nosuch.lrs;Defines;peak=1e-3" "Defines. Did you mean DEFINES?"
refused "nosuch.lrs;DEFINITIONS;peak=1e-3" "DEFINITIONS. Did you mean DEFINES?"
refused "made.lrs;FLAGS;-O3" "FLAGS. The keywords are SOURCES, PREFIX,"
made="made.lrs;later.lrs;said.lrs;sub/far.lrs"
wrong build-wrong "$made;$dir/build-wrong/in_build.lrs" || fail "sources that are made"
told 0 "" || fail "sources that are made are missed"
for version in 3.16 3.20; do # an older project does not see in one directory what rules of another make
    for build in build-wrong wrong; do # among the sources, too
        rm -rf "$build/CMakeCache.txt" "$build/CMakeFiles"
        wrong "$build" "nosuch.lrs;$made" $version && told 1 "there is no file $dir/wrong/nosuch.lrs, and no rule that makes it." || fail "a source that is missing"
    done
done
cp "source with a space/ramp.lrs" wrong/said.lrs
rm -rf wrong/CMakeCache.txt wrong/CMakeFiles
wrong build-wrong "made.lrs;later.lrs;said.lrs" && "$cmake" --build build-wrong >>configure.log 2>&1 || fail "a build with sources that are made"

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
