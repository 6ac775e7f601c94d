#!/bin/sh
# cross_hash.sh: the math kernels give the same bits from every compiler, option and machine at hand.
#
# In:    the source folder, a folder to build in, a built math_hash, the compiler that built it.
# Out:   a line a variant: same, different (exit 1) or skipped with the reason.
#
# The reference is math_hash.txt, kept in the repository, so that no change of the kernels changes bits unnoticed.
# After a deliberate change: math_hash > tests/math/math_hash.txt
set -u
source=$1 build=$2/hash hash=$3 cc=$4
want=$source/tests/math/math_hash.txt
mkdir -p "$build" || exit 1
failed=0

# compare NAME COMMAND...: runs the command and compares what it prints.
compare() {
    name=$1
    shift
    if ! "$@" >"$build/out.txt"; then
        echo "failed:    $name"
        failed=1
    elif diff "$want" "$build/out.txt" >"$build/diff.txt"; then
        echo "same:      $name"
    else
        echo "different: $name"
        cat "$build/diff.txt"
        failed=1
    fi
}

# variant RUNNER COMPILER OPTION...: RUNNER is empty or a program that runs the result.
variant() {
    runner=$1
    shift
    if ! command -v "$1" >/dev/null; then
        echo "skipped:   $* ($1 was not found)"
    elif [ -n "$runner" ] && ! command -v "$runner" >/dev/null; then
        echo "skipped:   $* ($runner was not found)"
    elif ! "$@" -I"$source" "$source/tests/math/math_hash.c" -o "$build/variant" -lm 2>"$build/err.txt"; then
        echo "failed:    $*"
        cat "$build/err.txt"
        failed=1
    else
        compare "$*${runner:+, run by $runner}" $runner "$build/variant"
    fi
}

compare "as built" "$hash"
seen=
for compiler in "$cc" gcc clang; do
    version=$("$compiler" --version 2>/dev/null | head -n 1 | sed 's/^[^ ]* //')
    if [ -n "$version" ] && [ "$version" = "$seen" ]; then
        continue
    fi
    seen=${seen:-$version}
    variant "" "$compiler" -O0
    variant "" "$compiler" -O3
    # Contraction asked for on the command line must not reach the kernels.
    variant "" "$compiler" -O2 -ffp-contract=fast
    case $(uname -m) in
    x86_64)
        if grep -qw fma /proc/cpuinfo && grep -qw avx2 /proc/cpuinfo; then
            variant "" "$compiler" -O3 -mavx2 -mfma -ffp-contract=fast
        fi
        variant "" "$compiler" -O3 -march=native
        ;;
    esac
done
variant qemu-aarch64 aarch64-linux-gnu-gcc -static -O2
exit $failed
