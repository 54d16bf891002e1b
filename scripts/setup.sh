#!/bin/sh
# Installs the system packages that Baton needs and that are missing. Says what it does; does nothing where nothing is missing.
set -eu

if ! command -v swift >/dev/null 2>&1; then
    echo "setup: no Swift toolchain found. Install Swift 6.3 or newer (https://www.swift.org/install/linux/), and run this again." >&2
    exit 1
fi

missing=""
command -v pkg-config >/dev/null 2>&1 || missing="$missing pkg-config"
{ command -v pkg-config >/dev/null 2>&1 && pkg-config --exists libevent_core; } || missing="$missing libevent-dev"
[ -z "$missing" ] && exit 0

if ! command -v apt-get >/dev/null 2>&1; then
    echo "setup: these packages are missing:$missing. Install them with the package manager of this system." >&2
    exit 1
fi

sudo=""
if [ "$(id -u)" -ne 0 ]; then
    if ! command -v sudo >/dev/null 2>&1; then
        echo "setup: these packages are missing:$missing. As root, run: apt-get install$missing" >&2
        exit 1
    fi
    sudo="sudo"
fi

echo "setup: installing$missing with apt-get${sudo:+, as root through sudo}"
$sudo apt-get update -qq
# shellcheck disable=SC2086 # a list of words
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
