#!/usr/bin/env bash
# install.sh PART PREFIX: one part of the tests of `cmake --install`. `prefix` installs the build into PREFIX; the others use what is
# there from folders of their own, as a new user would.
#
#   prefix    installs, and moves the tree to where the others find it
#   names     the library in both its forms has the functions of lrs.h, and no other
#   parts     each component has its files, and all of them together are the whole
#   overrides docs/packaging.md lists what lintian is told to pass over
#   module    LrsSchedules.cmake alone, in the project of consumer/
#   package   find_package(lrs), in the project of package/
#   cross     the same for another machine
#   meson     the project of meson/
#   make      pkg-config and the rules of make/
#
# In: the environment has CMAKE, BUILD (the build folder), CC, NM, EMIT (obj or c: what lrsc of this build can write), SANITIZE.
# Out: status 0, 1 with what failed, or 77 after a line with the reason.
set -eu

part=$1 prefix=$2
here=$(cd "$(dirname "$0")" && pwd)
dir=$(mktemp -d)
dir=$(realpath "$dir")
trap 'rm -rf "$dir"' EXIT
cd "$dir"
sanitize=${SANITIZE:+-fsanitize=$SANITIZE}
export CC CFLAGS="$sanitize" LDFLAGS="$sanitize"
unset CMAKE_PREFIX_PATH lrs_DIR PKG_CONFIG_PATH LD_LIBRARY_PATH LRS_LLVM_PLUGIN DESTDIR LRSC

run() {
    "$@" >log 2>&1 || {
        cat log
        echo "FAIL: $*"
        exit 1
    }
}

fail() {
    echo "FAIL: $*"
    exit 1
}

skip() {
    echo "SKIP: $*"
    exit 77
}

# expect TEXT COMMAND...: what the command prints.
expect() {
    local want=$1 got
    shift
    got=$("$@") || fail "$* ended with $?"
    [ "$got" = "$want" ] || fail "$* printed \"$got\", not \"$want\""
}

# Where the parts lie in the prefix; lib may be lib/x86_64-linux-gnu.
look() {
    lib=$(dirname "$(find "$prefix" -name liblrs.a)")
    with_jit="0.05 0.05 $lib/lrs"
    [ "$EMIT" = obj ] || with_jit="0.05 none"
}

part_prefix() {
    rm -rf "$prefix"
    run "$CMAKE" --install "$BUILD" --prefix "$dir/first"
    run mv "$dir/first" "$prefix"
    look
    printf 'warmup 10 linear -> 0.1\n' >ramp.lrs
    expect "step,lr
5,0.050000000000000003" "$prefix/bin/lrsc" eval ramp.lrs --at 5
    for file in lrsConfig.cmake lrsTargets.cmake lrs.pc; do
        if grep -n -e "$dir" -e "$BUILD" "$(find "$prefix" -name $file)"; then
            fail "$file names a folder outside of the tree"
        fi
    done
}

part_names() {
    # Sanitizers add names of theirs.
    sed -n 's/^LRS_API [^(]*[ *]\(lrs_[a-z_]*\)(.*/\1/p' "$prefix/include/lrs/lrs.h" | sort >declared
    [ "$(wc -l <declared)" -eq "$(grep -c '^LRS_API ' "$prefix/include/lrs/lrs.h")" ] || fail "not every declaration of lrs.h is understood by this test"
    same_names() {
        awk -v sanitize="$sanitize" 'NF == 3 && !(sanitize && $3 ~ /[at]san|ubsan|lsan/) { print $3 }' "$2" | sort >names
        diff "$3" names || fail "$1 does not show what lrs.h declares (<), or shows more (>)"
    }
    # What Debian's package says of the library.
    sed -n 's/^ \(lrs_[a-z_]*\)@LRS_0 [0-9.]*$/\1/p' "$here/../../packaging/debian/liblrs0/symbols" | sort >symbols
    diff declared symbols || fail "packaging/debian/liblrs0/symbols is not what lrs.h declares (<)"
    "$NM" -g --defined-only "$lib/liblrs.a" >defined
    same_names liblrs.a defined declared
    # Each with the version of the ABI, which is a name itself.
    { echo LRS_0 && sed 's/$/@@LRS_0/' declared; } | sort >versioned
    "$NM" -D --defined-only --with-symbol-versions "$lib/liblrs.so" | sed 's/^\(.* A LRS_0\)@@LRS_0$/\1/' >defined
    same_names liblrs.so defined versioned
    expect liblrs.so.0 readlink "$lib/liblrs.so"
    [ -f "$lib/liblrs.so.0" ] || fail "there is no liblrs.so.0"
    if command -v readelf >/dev/null; then
        readelf -d "$lib/liblrs.so" | grep -q 'SONAME.*\[liblrs\.so\.0\]' || fail "the SONAME is not liblrs.so.0"
    fi
    run "$CC" $sanitize "$here/program.c" -I "$prefix/include" -L "$lib" -llrs -lm "-Wl,-rpath,$lib" -o shared
    expect "$with_jit" ./shared jit
    run "$CC" $sanitize "$here/program.c" -I "$prefix/include" "$lib/liblrs.a" -lm -ldl -o static
    expect 0.05 ./static
}

part_parts() {
    local name
    for name in runtime library development doc; do
        run "$CMAKE" --install "$BUILD" --prefix "$dir/$name" --component $name
        (cd "$name" && find . -type f -o -type l) >>together
    done
    (cd "$prefix" && find . -type f -o -type l) | sort >whole
    sort -u together | diff whole - || fail "the components are not the whole: it has (<), they have (>)"
    cat >wanted <<'END'
development include/lrs/lrs.h include/lrs/schedule.hpp include/lrs/torch.hpp include/lrs/llmc.h liblrs.so liblrs.a lrs.pc lrsConfig.cmake lrsConfigVersion.cmake LrsSchedules.cmake man/man3/lrs.3
doc README.md CHANGELOG.md LICENSE docs/guide.md docs/pictures/wsd.svg examples/card.lrs examples/adapters/ggml/callback.c examples/sweep/optuna_digits.py examples/finder/run.sh
library liblrs.so.0 LICENSE
runtime bin/lrsc share/lrs/torch.lrs LICENSE man/man1/lrsc.1 man/man5/lrs.5 completions/lrsc zsh/site-functions/_lrsc fish/vendor_completions.d/lrsc.fish
END
    while read -r name files; do
        for file in $files; do
            [ -n "$(find "$name" -path "*/$file")" ] || fail "$file is not in $name"
        done
    done <wanted
    [ -z "$(find library -name liblrs.so)" ] || fail "liblrs.so is in library"
    [ -z "$(find doc -name 'digits.csv')" ] || fail "the digits, which have a licence of their own, are in doc"
    expect "" find . -name '*.lrs' -path './development/*'
}

part_overrides() {
    sed -n 's/^[a-z0-9-]*: \([a-z-]*\).*/\1/p' "$here"/../../packaging/debian/*.lintian-overrides | sort -u >told
    sed -n '/^| tag of lintian/,/^$/s/^| \(`.*`\) |.*/\1/p' "$here/../../docs/packaging.md" | tr -d '` ' | tr , '\n' | sort >listed
    [ -s told ] || fail "no overrides were found"
    diff told listed || fail "the overrides (<) are not those of docs/packaging.md (>)"
}

part_module() {
    run "$CMAKE" -S "$here/consumer" -B consumer -DLRS_MODULE="$lib/cmake/lrs/LrsSchedules.cmake" -DDEFAULT_EMIT="$EMIT"
    # The module finds the lrsc that it was installed with.
    expect "$(realpath "$prefix/bin/lrsc")" realpath "$(sed -n 's/^LRSC:FILEPATH=//p' consumer/CMakeCache.txt)"
    run "$CMAKE" --build consumer
    expect "0 0.05 0.1" consumer/one
}

sources() {
    mkdir source
    cp "$here/$1"/* "$here/program.c" "$here/consumer/one.c" "$here/consumer/ramp.lrs" source
}

part_package() {
    sources package
    cp -r "$prefix" own # moved once more
    prefix=$dir/own
    look
    run "$CMAKE" -S source -B build -DCMAKE_PREFIX_PATH="$prefix"
    expect "$(realpath "$prefix/bin/lrsc")" realpath "$(sed -n 's/^LRSC:FILEPATH=//p' build/CMakeCache.txt)"
    run "$CMAKE" --build build
    expect "0 0.05 0.1" build/scheduled
    expect "$with_jit" build/shared jit
    expect 0.05 build/static
    expect "ramp.${EMIT/obj/o}" basename "$(find build/lrs -name 'ramp.[oc]')"
    # Nothing to do the second time; a new compiler compiles the schedules anew.
    touch stamp
    run "$CMAKE" --build build
    [ -z "$(find build -name 'ramp.[och]' -newer stamp)" ] || fail "a second build compiled the schedule anew"
    sleep 1
    touch "$prefix/bin/lrsc"
    run "$CMAKE" --build build
    [ -n "$(find build -name 'ramp.[och]' -newer stamp)" ] || fail "a new lrsc did not compile the schedule anew"
}

part_cross() {
    [ -z "$sanitize" ] || skip "sanitizers are for this machine"
    [ "$(uname -m)" != aarch64 ] || skip "this machine is the one that the others cross compile for"
    command -v aarch64-linux-gnu-gcc >/dev/null || skip "there is no compiler for another machine (gcc-aarch64-linux-gnu)"
    command -v qemu-aarch64 >/dev/null || skip "there is no qemu-user"
    sources package
    cp -r "$prefix" target # the library of the other machine: its compiler does not run here
    printf '#!/bin/sh\nexit 1\n' >target/bin/lrsc
    cat >toolchain.cmake <<END
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_FIND_ROOT_PATH $dir/target)
set(CMAKE_FIND_ROOT_PATH_MODE_PROGRAM BOTH)
set(CMAKE_FIND_ROOT_PATH_MODE_PACKAGE ONLY)
END
    unset CC
    PATH="$prefix/bin:$PATH" run "$CMAKE" -S source -B build -DCMAKE_TOOLCHAIN_FILE="$dir/toolchain.cmake" -DONLY_SCHEDULES=ON
    expect "$(realpath "$prefix/bin/lrsc")" realpath "$(sed -n 's/^LRSC:FILEPATH=//p' build/CMakeCache.txt)"
    run "$CMAKE" --build build
    expect "0 0.05 0.1" qemu-aarch64 -L /usr/aarch64-linux-gnu build/scheduled
    # The machine code of another machine, when it is asked for.
    if [ "$EMIT" = obj ]; then
        sed -i 's/ramp\.lrs)/ramp.lrs EMIT obj OPTIONS --target=aarch64-linux-gnu)/' source/CMakeLists.txt
        PATH="$prefix/bin:$PATH" run "$CMAKE" --build build
        expect "0 0.05 0.1" qemu-aarch64 -L /usr/aarch64-linux-gnu build/scheduled
    fi
}

part_meson() {
    command -v meson >/dev/null && meson --version >/dev/null 2>&1 || skip "there is no meson"
    command -v ninja >/dev/null || skip "there is no ninja"
    command -v pkg-config >/dev/null || skip "there is no pkg-config"
    sources meson
    [ "$EMIT" = obj ] || sed -i 's/ramp\.o/ramp.c/; s/=obj,/=c,/' source/meson.build
    PKG_CONFIG_PATH="$lib/pkgconfig" PATH="$prefix/bin:$PATH" run meson setup build source
    run meson compile -C build
    expect "0 0.05 0.1" build/scheduled
    expect "$with_jit" build/shared jit
    expect 0.05 build/static
}

part_make() {
    command -v make >/dev/null || skip "there is no make"
    command -v pkg-config >/dev/null || skip "there is no pkg-config"
    sources make
    unset MAKEFLAGS MFLAGS MAKELEVEL
    [ "$EMIT" = obj ] || sed -i 's/^%\.o: %\.lrs/%.c: %.lrs/; s/ -MD / --emit=c,header -MD /' source/Makefile
    PKG_CONFIG_PATH="$lib/pkgconfig" run make -C source CC="$CC $sanitize"
    expect "0 0.05 0.1" source/scheduled
    expect "$with_jit" source/shared jit
    expect 0.05 source/static
    expect "$(realpath "$prefix/include")" realpath "$(PKG_CONFIG_PATH="$lib/pkgconfig" pkg-config --variable=includedir lrs)"
}

[ "$part" = prefix ] || look
"part_$part"
