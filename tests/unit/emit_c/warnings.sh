#!/bin/sh
# Every emitted file by itself, as strict C99, with warnings as errors; every header as C99 and as C++.
# usage: warnings.sh FILES COMPILER [CXX-COMPILER]   77: a compiler is not here
files=$1
shift
for tool; do
    command -v "$tool" >/dev/null || { echo "SKIP: $tool is not installed"; exit 77; }
done
cc=$1 cxx=$2
warnings='-Wall -Wextra -Wshadow -Wconversion -Wundef -Werror'
prototypes='-Wstrict-prototypes -Wmissing-prototypes'
n=0
set -e
for c in "$files"/*.c; do
    case $c in */all.c | */table.c) continue ;; esac
    for o in -O0 -O2; do
        # shellcheck disable=SC2086
        "$cc" -std=c99 -pedantic $warnings $prototypes $o -c "$c" -o /dev/null
        n=$((n + 1))
    done
done
for h in "$files"/*.h; do
    # shellcheck disable=SC2086
    "$cc" -std=c99 -pedantic $warnings $prototypes -x c -fsyntax-only "$h"
    n=$((n + 1))
    for std in ${cxx:+c++98 c++11 c++17}; do
        # twice in one file, with a use of what it declares
        name=$(basename "$h" .h)
        printf '#include "%s"\n#include "%s"\n%s_state state;\nint (*f)(%s_state *, const %s_params *) = %s_init;\n' \
            "$h" "$h" "$name" "$name" "$name" "$name" |
            # shellcheck disable=SC2086
            "$cxx" -std=$std -pedantic $warnings -x c++ -fsyntax-only -
        n=$((n + 1))
    done
done
echo "$n compilations without a warning ($cc${cxx:+, $cxx})"
