"""Builds the wheel and compares it with the tree: services and shared, whole (templates, dictionaries and the
migrations' template among them), and nothing else."""

import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

from tests.architecture.place import ROOT

PACKAGES = ("services", "shared")


def build(root: Path, into: Path) -> Path:
    """The wheel's path. No isolation: the build backend is the locked one."""
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(into)],
        cwd=root, check=True, capture_output=True,
    )  # fmt: skip
    (wheel,) = into.glob("*.whl")
    return wheel


def names_in(wheel: Path) -> set[str]:
    with zipfile.ZipFile(wheel) as archive:
        return {name for name in archive.namelist() if ".dist-info/" not in name}


def names_of(root: Path) -> set[str]:
    files = (path for package in PACKAGES for path in (root / package).rglob("*"))
    return {path.relative_to(root).as_posix() for path in files if path.is_file() and "__pycache__" not in path.parts}


def compare(root: Path) -> list[str]:
    with tempfile.TemporaryDirectory() as place:
        packed = names_in(build(root, Path(place)))
    expected = names_of(root)
    missing = [f"not in the wheel: {name}" for name in sorted(expected - packed)]
    return missing + [f"only in the wheel: {name}" for name in sorted(packed - expected)]


def main() -> int:
    faults = compare(ROOT)
    print("\n".join(faults) or f"the wheel holds {', '.join(PACKAGES)}, whole, and nothing else")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
