#!/bin/sh
# Makes .venv hold exactly what requirements-dev.lock says; instant when it already does.
# PYTHON=/path/to/python chooses the interpreter of a new .venv.
set -eu
cd "$(dirname "$0")/.."

LOCK=requirements-dev.lock
VENV=.venv
STAMP=$VENV/setup-stamp

# What this machine trusts, as pip does: a company's proxy signs with a certificate of its own.
export UV_SYSTEM_CERTS="${UV_SYSTEM_CERTS-true}"

say() { printf 'setup: %s\n' "$*" >&2; }
fail() {
    printf 'setup: %s\n' "$@" >&2
    exit 1
}

# What .venv was made from: the lock, and the place, because the scripts in .venv/bin name it.
wanted() { pwd -P && cat "$LOCK"; }
is_fresh() { [ -x "$VENV/bin/python" ] && wanted | cmp -s - "$STAMP" 2>/dev/null; }

is_new_enough() { "$1" -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1; }

find_python() {
    for candidate in ${PYTHON:-python3.13 python3.12 python3.11 python3}; do
        if is_new_enough "$candidate"; then
            command -v "$candidate"
            return
        fi
    done
    fail "Python 3.11 or newer is needed; none of these is: ${PYTHON:-python3.13 python3.12 python3.11 python3}." \
        "  Debian, Ubuntu:  apt-get install python3.11 python3.11-venv   (or any newer one)" \
        "  Fedora:          dnf install python3.12" \
        "  macOS:           brew install python@3.13" \
        "  It may be anywhere:  make setup PYTHON=/path/to/python3"
}

can_make_venvs() { "$1" -c 'import ensurepip, venv' >/dev/null 2>&1; }

# Debian packs that part apart. Root gets it from there, as deploy/stack does with servers.
install_ensurepip() {
    [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null 2>&1 || return 0
    package=$("$1" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')
    say "installing the package $package"
    { apt-get -q update && DEBIAN_FRONTEND=noninteractive apt-get -q -y install "$package"; } >/dev/null || true
}

make_venv() {
    say "making $VENV with $("$1" --version) ($1)"
    rm -rf "$VENV"
    if ! can_make_venvs "$1" && command -v uv >/dev/null 2>&1; then
        uv venv --quiet --seed --python "$1" "$VENV"
        return
    fi
    can_make_venvs "$1" || install_ensurepip "$1"
    can_make_venvs "$1" || fail "$1 cannot make virtual environments: its ensurepip module is missing." \
        "  Debian, Ubuntu:  apt-get install python3-venv"
    "$1" -m venv "$VENV"
}

# The lock's own uv, checked against the lock's own hashes.
install_uv() {
    "$VENV/bin/python" -m pip --version >/dev/null 2>&1 || "$VENV/bin/python" -m ensurepip >/dev/null
    awk '/^[a-zA-Z]/ { ours = /^uv==/ } ours' "$LOCK" >"$VENV/uv.lock"
    "$VENV/bin/python" -m pip install --quiet --disable-pip-version-check --no-deps --require-hashes -r "$VENV/uv.lock"
}

has_locked_uv() {
    [ -x "$VENV/bin/uv" ] && grep -q "^uv==$("$VENV/bin/uv" --version | cut -d' ' -f2) " "$LOCK"
}

was_moved() { [ -e "$STAMP" ] && [ "$(head -n 1 "$STAMP")" != "$(pwd -P)" ]; }

if is_fresh; then exit 0; fi

# One at a time; who waited finds the work done. Without flock (macOS) two at once is the user's own doing.
if command -v flock >/dev/null 2>&1; then
    exec 9>.venv.lock
    flock 9
    if is_fresh; then exit 0; fi
fi

if [ ! -x "$VENV/bin/python" ] || ! is_new_enough "$VENV/bin/python" || was_moved; then
    python=$(find_python)
    make_venv "$python"
fi
has_locked_uv || install_uv
say "syncing $VENV with $LOCK"
"$VENV/bin/uv" pip sync --quiet --require-hashes --python "$VENV/bin/python" "$LOCK"
# luqum writes its tables when it is first imported, where another Python made them: here, and not amid a test.
"$VENV/bin/python" -c 'import luqum.parser' 2>"$VENV/luqum.log" || fail "luqum cannot be imported: $(tail -n 1 "$VENV/luqum.log")"
wanted >"$STAMP"
