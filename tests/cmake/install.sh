#!/usr/bin/env bash
# install.sh CMAKE BUILD_DIR CC obj|c NM SANITIZE: installs the build into a folder of its own, and uses what is there, as a new
# user would: lrsc, lrs_add_schedules, and the library in both its forms, which show the functions of lrs.h and nothing else.
#
# Out: status 0, or 1 with what failed.
set -eu

cmake=$1 build=$2 cc=$3 emit=$4 nm=$5 sanitize=${6:+-fsanitize=$6}
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
cd "$dir"

run() {
    "$@" >log 2>&1 || {
        cat log
        exit 1
    }
}

# expect TEXT COMMAND...: what the command prints.
expect() {
    local want=$1 got
    shift
    got=$("$@")
    if [ "$got" != "$want" ]; then
        echo "FAIL: $* printed \"$got\", not \"$want\""
        exit 1
    fi
}

prefix="$dir/prefix"
run "$cmake" --install "$build" --prefix "$prefix"
module=$(find "$prefix" -name LrsSchedules.cmake)
lib=$(dirname "$(find "$prefix" -name liblrs.a)")

# The module finds the lrsc that it was installed with.
run "$cmake" -S "$here/consumer" -B consumer -DLRS_MODULE="$module" -DDEFAULT_EMIT="$emit"
lrsc=$(sed -n 's/^LRSC:FILEPATH=//p' consumer/CMakeCache.txt)
if [ "$(realpath "$lrsc")" != "$(realpath "$prefix/bin/lrsc")" ]; then
    echo "FAIL: another lrsc was found: $lrsc"
    exit 1
fi
run "$cmake" --build consumer
expect "0 0.05 0.1" consumer/one

printf 'warmup 10 linear -> 0.1\n' >ramp.lrs
expect "step,lr
5,0.050000000000000003" "$prefix/bin/lrsc" eval ramp.lrs --at 5

# same_names WHAT NAMES: these are the functions that lrs.h declares, all of them and no others. Sanitizers add names of theirs.
sed -n 's/^LRS_API [^(]*[ *]\(lrs_[a-z_]*\)(.*/\1/p' "$prefix/include/lrs/lrs.h" | sort >declared
if [ "$(wc -l <declared)" -ne "$(grep -c '^LRS_API ' "$prefix/include/lrs/lrs.h")" ]; then
    echo "FAIL: not every declaration of lrs.h is understood by this test"
    exit 1
fi
same_names() {
    awk -v sanitize="$sanitize" 'NF == 3 && !(sanitize && $3 ~ /[at]san|ubsan|lsan/) { print $3 }' "$2" | sort >names
    diff declared names >difference || {
        cat difference
        echo "FAIL: $1 does not show what lrs.h declares (<), or shows more (>)"
        exit 1
    }
}
"$nm" -g --defined-only "$lib/liblrs.a" >defined
same_names liblrs.a defined
"$nm" -D --defined-only "$lib/liblrs.so" >defined
same_names liblrs.so defined

cat >main.c <<'EOF'
#include <lrs/lrs.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

/* A program has names of its own: these are also some of the library's inside. */
int arena_init(void);
int arena_init(void)
{
    return 1;
}
int diag_add = 2, ir_verify = 3, buffer_put = 4, lrs_lower = 5, lrs_kernels_baseline = 6;

int main(void)
{
    const char *text = "warmup 10 linear -> 0.1";
    lrs_program *program;
    lrs_plan *plan;
    lrs_state *state;
    if (lrs_compile(&program, text, strlen(text), NULL, NULL) || lrs_bind(&plan, program, NULL, 0, NULL, 0) ||
        lrs_state_new(&state, plan))
        return 1;
    printf("%g\n", lrs_get_lr(plan, state, 5, (double)NAN));
    lrs_state_free(state, plan);
    lrs_plan_free(plan);
    lrs_program_free(program);
    return 0;
}
EOF
run "$cc" $sanitize main.c -I "$prefix/include" -L "$lib" -llrs -lm "-Wl,-rpath,$lib" -o shared
expect 0.05 ./shared
run "$cc" $sanitize main.c -I "$prefix/include" "$lib/liblrs.a" -lm -ldl -o static
expect 0.05 ./static
