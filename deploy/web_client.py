"""`python -m deploy.web_client [--check]`: writes the web client's types from the API's own document."""

import subprocess
import sys
import tempfile
from pathlib import Path

import orjson

from deploy import written
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


if __name__ == "__main__":
    sys.exit(written.main("deploy.web_client", __doc__, FILE, generated, "make client"))
