#!/bin/sh
# Installs the system packages that Baton needs and that are missing. Says what it does; does nothing where nothing is missing.
# With "tests" it adds the proxies that the tests put in front of the server, with "soak" the tool that attacks it, too, with "bench"
# what the benchmarks ask and count with: where these cannot be had, what needs them is skipped, and says so.
set -eu

if ! command -v swift >/dev/null 2>&1; then
    echo "setup: no Swift toolchain found. Install Swift 6.3 or newer (https://www.swift.org/install/linux/), and run this again." >&2
    exit 1
fi

# Installs packages; fails with a sentence where that cannot be done.
install() {
    if ! command -v apt-get >/dev/null 2>&1; then
        echo "setup: these packages are missing:$1. Install them with the package manager of this system." >&2
        return 1
    fi
    sudo=""
    if [ "$(id -u)" -ne 0 ]; then
        if ! command -v sudo >/dev/null 2>&1; then
            echo "setup: these packages are missing:$1. As root, run: apt-get install$1" >&2
            return 1
        fi
        sudo="sudo"
    fi
    echo "setup: installing$1 with apt-get${sudo:+, as root through sudo}"
    $sudo apt-get update -qq || return 1
    # shellcheck disable=SC2086 # a list of words
    $sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $1 >/dev/null
}

missing=""
command -v pkg-config >/dev/null 2>&1 || missing="$missing pkg-config"
# has MODULE: whether pkg-config finds it.
has() { command -v pkg-config >/dev/null 2>&1 && pkg-config --exists "$1"; }
has libevent_core || missing="$missing libevent-dev"
has libcrypt || missing="$missing libcrypt-dev"
has zlib || missing="$missing zlib1g-dev"
has libbrotlienc || missing="$missing libbrotli-dev"
has libzstd || missing="$missing libzstd-dev"
[ -z "$missing" ] || install "$missing"

# Daemons stand in /usr/sbin, which is not on everybody's path.
PATH="$PATH:/usr/sbin"
missing=""
case "${1:-}" in
tests | soak)
    command -v nginx >/dev/null 2>&1 || missing="$missing nginx-light"
    command -v haproxy >/dev/null 2>&1 || missing="$missing haproxy"
    ;;
bench)
    command -v nginx >/dev/null 2>&1 || missing="$missing nginx-light"
    command -v wrk >/dev/null 2>&1 || missing="$missing wrk"
    command -v strace >/dev/null 2>&1 || missing="$missing strace"
    ;;
esac
[ "${1:-}" != soak ] || command -v slowhttptest >/dev/null 2>&1 || missing="$missing slowhttptest"
[ -z "$missing" ] || install "$missing" || echo "setup: going on without; what needs them is left out" >&2
