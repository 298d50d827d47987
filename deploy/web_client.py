"""`python -m deploy.web_client [--check]`: writes the web client's types from the API's own document."""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

import orjson

from services.api.app import create_app

WEB = Path(__file__).parents[1] / "web"
FILE = WEB / "src" / "api" / "schema.d.ts"
GENERATOR = WEB / "node_modules" / "openapi-typescript" / "bin" / "cli.js"
SECONDS = 120


def generated() -> str:
    """The types as they are to be. Raises CalledProcessError when the generator fails."""
    document = orjson.dumps(create_app().openapi())
    with tempfile.TemporaryDirectory() as directory:
        source, target = Path(directory) / "openapi.json", Path(directory) / FILE.name
        source.write_bytes(document)
        command = ["node", str(GENERATOR), str(source), "--output", str(target), "--alphabetize"]
        subprocess.run(command, check=True, timeout=SECONDS, stdout=subprocess.DEVNULL)
        return target.read_text(encoding="utf-8")


def main() -> int:
    """Write them, or with `--check` say whether what is there is stale: exit status 1 then."""
    parser = argparse.ArgumentParser(prog="python -m deploy.web_client", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing; exit status 1 when the file is stale")
    wanted = generated()
    if not parser.parse_args().check:
        FILE.write_text(wanted, encoding="utf-8")
        return 0
    if FILE.exists() and FILE.read_text(encoding="utf-8") == wanted:
        return 0
    print(f"{FILE.relative_to(WEB.parent)} is stale: run `make client`.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
