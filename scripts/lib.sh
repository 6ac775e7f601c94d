# lib.sh: what scripts/demo and scripts/test share: the packages, and how to build. Meant to be sourced by bash.
#
# In: nothing but the machine (Debian 12 or 13, Ubuntu 24.04, or one that has the tools already).
# Out: functions. install_packages sets LLVM to the version of LLVM to build with, or to "" for none.

# The packages, each list in this one place.
BUILD_PACKAGES="gcc g++ libc6-dev cmake make pkg-config flex bison libreadline-dev"
TEST_PACKAGES="libcmocka-dev libmpfr-dev python3"
# Without these, the tests that need them say that they were skipped.
EXTRA_TEST_PACKAGES="python3-dev python3-pip python3-venv python3-pexpect python3-pyte strace ninja-build meson clang valgrind qemu-user gcc-aarch64-linux-gnu libc6-dev-arm64-cross binutils nodejs
    libcairo2-dev librsvg2-bin poppler-utils fonts-dejavu-core chromium groff-base mandoc zsh fish"
# The version that lrs is developed with, then the others that it builds with, newest first.
LLVM_VERSIONS="19 22 21 20 18 17 16"

LLVM=""

say() {
    printf '\n==> %s\n' "$*"
}

warn() {
    printf 'warning: %s\n' "$*" >&2
}

as_root() {
    if [ "$(id -u)" = 0 ]; then
        "$@"
    elif command -v sudo >/dev/null; then
        sudo "$@"
    else
        warn "packages are missing, and installing them takes root or sudo"
        return 1
    fi
}

is_installed() {
    dpkg-query -W -f '${Status}' "$1" 2>/dev/null | grep 'ok installed' >/dev/null
}

is_available() {
    apt-cache policy "$1" 2>/dev/null | grep 'Candidate: [^(]' >/dev/null
}

missing_of() {
    local package
    for package in "$@"; do
        is_installed "$package" || printf '%s ' "$package"
    done
}

UPDATED=no
apt_update() {
    [ "$UPDATED" = no ] || return 0
    UPDATED=yes
    as_root apt-get update -q || warn "apt-get update failed; going on with the lists that are there"
}

apt_install() {
    apt_update
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -q -y --no-install-recommends "$@" </dev/null
}

# Sets LLVM: the first of LLVM_VERSIONS that is installed, or else that the archive has.
install_llvm() {
    local version
    for version in $LLVM_VERSIONS; do
        if is_installed "llvm-$version-dev" && is_installed "clang-$version"; then
            LLVM=$version
            return
        fi
    done
    apt_update
    for version in $LLVM_VERSIONS; do
        if is_available "llvm-$version-dev" && is_available "clang-$version"; then
            if apt_install "llvm-$version-dev" "clang-$version"; then
                LLVM=$version
                return
            fi
        fi
    done
    warn "no LLVM from 16 to 22 could be installed: building without the JIT and without object files"
}

# install_packages demo|test: installs what is missing. Where nothing is missing, it runs no apt at all.
install_packages() {
    local missing package
    if ! command -v apt-get >/dev/null; then
        warn "no apt-get here: using the tools that are installed"
        for LLVM in $LLVM_VERSIONS; do
            command -v "llvm-config-$LLVM" >/dev/null && return
        done
        LLVM=""
        return
    fi
    missing=$BUILD_PACKAGES
    [ "$1" = test ] && missing="$missing $TEST_PACKAGES"
    # shellcheck disable=SC2086 # the lists are words on purpose
    missing=$(missing_of $missing)
    # shellcheck disable=SC2086
    [ -z "$missing" ] || apt_install $missing
    install_llvm
    [ "$1" = test ] || return 0
    # shellcheck disable=SC2086
    missing=$(missing_of $EXTRA_TEST_PACKAGES)
    # shellcheck disable=SC2086
    [ -z "$missing" ] || apt_install $missing || for package in $missing; do
        apt_install "$package" || warn "$package could not be installed: the tests that need it are skipped"
    done
}

# configure OPTION...: configures build/ for this LLVM.
configure() {
    local llvm=-DLRS_LLVM=OFF
    if [ -n "$LLVM" ]; then
        llvm=-DLRS_LLVM=ON
        set -- "-DLRS_LLVM_VERSION=$LLVM" "$@"
    fi
    cmake -S . -B build -DCMAKE_BUILD_TYPE=Release "$llvm" "$@"
}

build() {
    cmake --build build --parallel "$(nproc)"
}
