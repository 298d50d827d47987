#!/bin/sh
# Makes web/node_modules hold exactly what package-lock.json says, for this platform; instant when it already does.
set -eu
cd "$(dirname "$0")"

STAMP=node_modules/.setup-stamp
# What it was made from: the lock, and the platform that its native modules are of.
wanted() { node -p 'process.version + process.platform + process.arch' && pwd -P && cat package-lock.json; }

command -v node >/dev/null 2>&1 || {
    echo "setup: Node 20.19 or newer is needed for the web UI; none is on PATH." >&2
    exit 1
}
wanted | cmp -s - "$STAMP" 2>/dev/null && exit 0

node scripts/check-lock.mjs package-lock.json
npm ci --include=optional --ignore-scripts --no-audit --no-fund
node scripts/native-check.mjs
wanted >"$STAMP"
