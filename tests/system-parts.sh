#!/bin/sh
# Installs the servers and the browser that tests use, from Debian's or Ubuntu's packages; elsewhere says what is missing.
set -eu
missing=""
[ -x /usr/sbin/dovecot ] || command -v dovecot >/dev/null 2>&1 || missing="$missing dovecot-imapd dovecot-lmtpd"
command -v chromium >/dev/null 2>&1 || command -v chromium-browser >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 \
    || missing="$missing chromium fonts-noto-core fonts-noto-color-emoji"
command -v sipp >/dev/null 2>&1 || missing="$missing sip-tester"
command -v openssl >/dev/null 2>&1 || missing="$missing openssl"
[ -n "$missing" ] || exit 0

if command -v apt-get >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ]; then as_root=""; elif command -v sudo >/dev/null 2>&1; then as_root="sudo"; else as_root="none"; fi
    if [ "$as_root" != none ]; then
        echo "Installing for the tests:$missing"
        $as_root apt-get update -qq
        # shellcheck disable=SC2086
        DEBIAN_FRONTEND=noninteractive $as_root apt-get install -y -qq --no-install-recommends $missing >/dev/null
        exit 0
    fi
fi
echo "The tests need these programs, which are not installed:$missing (names of Debian's packages)."
echo "Tests that need them will be reported as skipped."
[ "${CI:-}" != true ] || exit 1
