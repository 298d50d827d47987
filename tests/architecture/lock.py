"""The lock files: written by `make lock`, proven by `make check-lock` (docs/adr says why they are not uv.lock).

`requirements-dev.lock` is everything, `requirements.lock` is what the services need, cut from the same resolution.
"""

import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.architecture.place import ROOT

EVERYTHING = "requirements-dev.lock"
RUN_TIME = "requirements.lock"

_COMPILE = ["pip", "compile", "--quiet", "--universal", "--python-version", "3.11", "--generate-hashes", "--no-header"]
_PIN = re.compile(r"^(?P<name>[a-z0-9._-]+)(?:\[[^]]*])?==(?P<version>[^\s\\;]+)(?P<rest>.*(?:\n +.*)*)", re.MULTILINE)


@dataclass(frozen=True)
class Pin:
    name: str
    version: str
    has_hash: bool


def pins(text: str) -> list[Pin]:
    found = _PIN.finditer(text)
    return [Pin(match["name"], match["version"], "--hash=sha256:" in match["rest"]) for match in found]


def faults_of_text(name: str, text: str) -> list[str]:
    """What a lock file must not hold, or lacks, whatever pyproject.toml says."""
    found = pins(text)
    hosts = [f"{name}: names a host: {line.strip()}" for line in text.splitlines() if "://" in line]
    bare = [f"{name}: {pin.name}=={pin.version} has no hash" for pin in found if not pin.has_hash]
    return hosts + bare + ([] if found else [f"{name}: holds no pins"])


def faults_of_subset(run_time: str, everything: str) -> list[str]:
    whole = {(pin.name, pin.version) for pin in pins(everything)}
    strays = [pin for pin in pins(run_time) if (pin.name, pin.version) not in whole]
    return [f"{RUN_TIME}: {pin.name}=={pin.version} is not in {EVERYTHING}" for pin in strays]


def compile_into(directory: Path, *, upgrade: bool = False) -> None:
    """Resolve anew what `directory`'s pyproject.toml asks for, keeping the pins of the lock files found there.

    Raises `subprocess.CalledProcessError` when it cannot be resolved or the index does not answer.
    """
    more = ["--upgrade"] if upgrade else []
    _uv(directory, *more, "--group", "dev", "--group", "demo", "pyproject.toml", "-o", EVERYTHING)
    _uv(directory, "-c", EVERYTHING, "pyproject.toml", "-o", RUN_TIME)


def check(root: Path) -> list[str]:
    """All faults of the lock files in `root`; none when they are what compiling gives."""
    texts = {name: (root / name).read_text(encoding="utf-8") for name in (EVERYTHING, RUN_TIME)}
    faults = [fault for name, text in texts.items() for fault in faults_of_text(name, text)]
    faults += faults_of_subset(texts[RUN_TIME], texts[EVERYTHING])
    with tempfile.TemporaryDirectory() as place:
        fresh = Path(place)
        for name in ("pyproject.toml", "README.md", EVERYTHING, RUN_TIME):
            shutil.copy(root / name, fresh)
        compile_into(fresh)
        for name, text in texts.items():
            if (fresh / name).read_text(encoding="utf-8") != text:
                faults.append(f"{name}: stale: run `make lock` and commit what it changes")
    return faults


def _uv(directory: Path, *arguments: str) -> None:
    # The one beside this interpreter is the locked one.
    uv = Path(sys.executable).with_name("uv")
    environment = {"UV_SYSTEM_CERTS": "true", **os.environ}  # as deploy/setup.sh has it
    subprocess.run([uv, *_COMPILE, *arguments], cwd=directory, env=environment, check=True)


def main(action: str) -> int:
    if action in ("write", "upgrade"):
        compile_into(ROOT, upgrade=action == "upgrade")
        return 0
    faults = check(ROOT)
    print("\n".join(faults) or f"{EVERYTHING} and {RUN_TIME} are what pyproject.toml asks for")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1] if len(sys.argv) > 1 else "check"))
