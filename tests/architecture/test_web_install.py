"""The web UI installs from its lock on this platform, and what cannot be built is said before anybody waits for it."""

import json
import os
import platform
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.place import ROOT

WEB = ROOT / "web"
SECONDS = 300
CI = ("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund")


def run(*command: str, cwd: Path) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.lower().startswith("npm_config_omit")}
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=SECONDS, check=False
    )


def checked(cwd: Path) -> tuple[int, str]:
    """The native check's exit status, and what it said."""
    done = run("node", "scripts/native-check.mjs", cwd=cwd)
    return done.returncode, done.stdout + done.stderr


def bare(folder: Path) -> Path:
    """What stands in front of an installation: the wanted packages, the lock, the checks."""
    folder.mkdir()
    for name in ("package.json", "package-lock.json", ".npmrc"):
        shutil.copy(WEB / name, folder)
    shutil.copytree(WEB / "scripts", folder / "scripts")
    return folder


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = bare(tmp_path_factory.mktemp("web") / "web")
    done = run(*CI, "--include=optional", cwd=folder)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.fixture
def binding(installed: Path) -> Iterator[Path]:
    """The bundler's own program for this platform; whatever a test does to it is undone."""
    (found,) = [
        file for file in (installed / "node_modules" / "@rolldown").glob("binding-*/*.node") if "wasm" not in str(file)
    ]
    aside = found.with_suffix(".aside")
    shutil.copy(found, aside)
    yield found
    aside.replace(found)


def test_it_installs_from_the_lock_and_builds(installed: Path) -> None:
    lock = json.loads((installed / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    missing = [name for name, one in lock.items() if name and not one.get("integrity") and not one.get("link")]
    assert missing == []
    status, said = checked(installed)
    assert (status, "FAIL" in said) == (0, False), said
    without = shutil.ignore_patterns("node_modules", "dist")
    shutil.copytree(WEB, installed, ignore=without, dirs_exist_ok=True)
    built = run("npm", "run", "--silent", "build", cwd=installed)
    assert built.returncode == 0, built.stdout + built.stderr
    assert (installed / "dist" / "index.html").exists()


def test_a_binding_that_was_deleted(installed: Path, binding: Path) -> None:
    binding.unlink()
    status, said = checked(installed)
    assert status == 1
    assert binding.parent.name in said


def test_a_binding_that_was_cut_off(installed: Path, binding: Path) -> None:
    binding.write_bytes(binding.read_bytes()[:100_000])
    status, said = checked(installed)
    assert status == 1
    assert binding.parent.name in said
    assert "does not load" in said


def test_optional_dependencies_that_were_omitted(tmp_path: Path) -> None:
    folder = bare(tmp_path / "web")
    assert run(*CI, "--omit=optional", cwd=folder).returncode == 0
    status, said = checked(folder)
    assert status == 1
    assert "--omit=optional" in said


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="needs a machine of glibc")
def test_packages_of_another_libc(tmp_path: Path) -> None:
    folder = bare(tmp_path / "web")
    assert run(*CI, "--include=optional", "--libc=musl", cwd=folder).returncode == 0
    status, said = checked(folder)
    assert status == 1
    assert "binding-linux-" in said.partition("of others there is")[2], "what is there instead"
    assert "another architecture or libc" in said
