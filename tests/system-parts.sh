#!/bin/sh
# Installs the servers and the browser that tests use, from Debian's or Ubuntu's packages; elsewhere says what is missing.
set -eu

has() { command -v "$1" >/dev/null 2>&1; }

name_missing() {
    missing=""
    [ -x /usr/sbin/dovecot ] || has dovecot || missing="$missing dovecot-imapd"
    [ -x /usr/lib/dovecot/lmtp ] || [ -x /usr/libexec/dovecot/lmtp ] || missing="$missing dovecot-lmtpd"
    has sievec || missing="$missing dovecot-sieve"
    [ -x /usr/sbin/exim4 ] || has exim || missing="$missing exim4-daemon-light"
    has chromium || has chromium-browser || has google-chrome || missing="$missing chromium fonts-noto-core fonts-noto-color-emoji"
    has sipp || missing="$missing sip-tester"
    [ -x /usr/sbin/kamailio ] || has kamailio || missing="$missing kamailio"
    has espeak-ng || missing="$missing espeak-ng"
    [ -x /usr/sbin/clamd ] || has clamd || missing="$missing clamav-daemon"
    has openssl || missing="$missing openssl"
}

# One package after the other: a name that this system does not know must not keep the others away. Nothing is removed for them (Exim
# would replace another mail server), and RUNLEVEL=1 keeps Debian's daemons from starting: tests start their own.
install_missing() {
    echo "Installing for the tests:$missing"
    $as_root apt-get update -qq || return 0
    for package in $missing; do
        $as_root DEBIAN_FRONTEND=noninteractive RUNLEVEL=1 apt-get install -y -qq --no-install-recommends --no-remove "$package" >/dev/null || true
    done
}

name_missing
[ -n "$missing" ] || exit 0

if has apt-get; then
    if [ "$(id -u)" = 0 ]; then as_root="env"; elif has sudo; then as_root="sudo env"; else as_root=""; fi
    if [ -n "$as_root" ]; then
        install_missing
        name_missing
        [ -n "$missing" ] || exit 0
    fi
fi
echo "The tests need these programs, which are not installed:$missing (names of Debian's packages)."
echo "Tests that need them will be reported as skipped."
[ "${CI:-}" != true ] || exit 1
