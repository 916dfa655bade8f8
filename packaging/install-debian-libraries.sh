#!/bin/sh
# Installs the libraries of debian-libraries.txt that are missing; says the one command where it may not.
# Usage: install-debian-libraries.sh run|test   (test includes run)
set -eu
here=$(dirname "$0")
wanted=$1

if ! command -v dpkg-query >/dev/null 2>&1; then
    echo "This is not Debian or one of its relatives. See that these libraries are there: $here/debian-libraries.txt" >&2
    exit 0
fi

missing=""
while read -r name purpose _rest; do
    case "$name" in ''|'#'*) continue ;; esac
    if [ "$purpose" = test ] && [ "$wanted" != test ]; then continue; fi
    # A python3 that brings venv itself needs no package for it.
    if [ "$name" = python3-venv ] && "${PYTHON:-python3}" -c 'import ensurepip, venv' 2>/dev/null; then continue; fi
    status=$(dpkg-query -W -f='${Status}' "$name" 2>/dev/null || true)
    [ "$status" = "install ok installed" ] || missing="$missing $name"
done < "$here/debian-libraries.txt"

[ -n "$missing" ] || exit 0

if [ "$(id -u)" = 0 ]; then
    as_root=""
elif command -v sudo >/dev/null 2>&1 && { [ -t 0 ] || sudo -n true 2>/dev/null; }; then
    as_root="sudo"
else
    echo "Some libraries are missing. Run this once, then try again:" >&2
    echo "    sudo apt-get install --no-install-recommends$missing" >&2
    exit 1
fi

echo "Installing$missing"
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -q >/dev/null
# shellcheck disable=SC2086
$as_root apt-get install -q -y --no-install-recommends $missing >/dev/null
