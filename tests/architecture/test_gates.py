"""CI must fail on each of these. A breach is planted in a copy of the tree and the make target that CI runs is called.

Each check is seen to pass on the copy before the breach, so it fails for the breach and for nothing else.
"""

import os
import re
import shutil
import subprocess
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from tests.architecture.place import ROOT

Plant = Callable[[Path], None]

LEFT_OUT = shutil.ignore_patterns(
    ".git", ".venv", ".venv.lock", ".stack", "reports", "__pycache__", ".pytest_cache", ".hypothesis", "node_modules"
)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A checkout of its own, with its caches (mypy's makes the difference) and this interpreter's environment."""
    copy = tmp_path_factory.mktemp("checkout") / "eventsec"
    shutil.copytree(ROOT, copy, ignore=LEFT_OUT)
    (copy / ".venv").symlink_to(ROOT / ".venv")
    # `make` would set up .venv for the copy's place; it is the original's.
    (copy / "deploy" / "setup.sh").write_text("exit 0\n", encoding="utf-8")
    (copy / "web" / "node_modules").symlink_to(ROOT / "web" / "node_modules")
    (copy / "web" / "setup.sh").write_text("exit 0\n", encoding="utf-8")
    subprocess.run(["git", "init", "--quiet"], cwd=copy, check=True)
    subprocess.run(["git", "add", "--all"], cwd=copy, check=True)
    return copy


def make(tree: Path, target: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("MAKE", "PYTEST"))}
    return subprocess.run(["make", target], cwd=tree, env=environment, text=True, capture_output=True, check=False)


def append(name: str, text: str) -> Plant:
    def plant(tree: Path) -> None:
        with (tree / name).open("a", encoding="utf-8") as file:
            file.write(text)

    return plant


def replace(name: str, pattern: str, by: str) -> Plant:
    def plant(tree: Path) -> None:
        text = (tree / name).read_text(encoding="utf-8")
        changed = re.sub(pattern, by, text, count=1, flags=re.MULTILINE)
        assert changed != text
        (tree / name).write_text(changed, encoding="utf-8")

    return plant


def name_the_checkout(tree: Path) -> None:
    append("README.md", f"\nSee {tree}/x\n")(tree)


DEPENDENCIES = r"^dependencies = \[$"

BREACHES: dict[str, tuple[str, Plant, str]] = {
    "shared imports a service": ("arch", append("shared/clock.py", "\nfrom services import ingest\n"), "ingest"),
    "a service imports another": (
        "arch",
        append("services/ingest/__init__.py", "\nfrom services import indexer\n"),
        "indexer",
    ),
    "a low module imports a high one": ("arch", append("shared/ids.py", "\nfrom shared import metrics\n"), "metrics"),
    "a module without a place": ("arch", append("shared/leftover.py", '"""New."""\n'), "leftover"),
    "an unused dependency": ("deps", replace("pyproject.toml", DEPENDENCIES, r'\g<0>\n    "attrs==26.1.0",'), "attrs"),
    "an undeclared dependency": ("deps", append("shared/clock.py", "\nimport multidict\n"), "multidict"),
    "an undeclared dependency of a test": ("deps", append("tests/__init__.py", "\nimport multidict\n"), "multidict"),
    "a stale lock": (
        "check-lock",
        replace("pyproject.toml", DEPENDENCIES, r'\g<0>\n    "certifi",'),
        "requirements.lock: stale",
    ),
    "a pin that pyproject.toml no longer allows": (
        "check-lock",
        replace("requirements-dev.lock", r"^orjson==\S+", "orjson==3.0.0"),
        "requirements-dev.lock: stale",
    ),
    "a lock with a host": (
        "check-lock",
        append("requirements.lock", "--extra-index-url http" + "s://packages.example/simple\n"),
        "names a host",
    ),
    "a type error": ("types", append("shared/clock.py", '\nWRONG: int = "text"\n'), "Incompatible types"),
    "a lint error": ("lint", append("shared/clock.py", "\nimport os\n"), "F401"),
    "unformatted code": ("lint", append("shared/clock.py", "\nLAST  =  1\n"), "would be reformatted"),
    "a file that does not ship": ("package", append(".gitignore", "\nshared/clock.py\n"), "shared/clock.py"),
    "a lint error in the web UI": ("web-lint", append("web/src/lib/keys.ts", "\nvar last = 1;\n"), "lint/"),
    "a colour that is no token": (
        "web-lint",
        append("web/src/ui/Kbd.module.css", "\n.last {\n  color: #fff;\n}\n"),
        "color-no-hex",
    ),
    "what nothing in the web UI uses": (
        "web-lint",
        append("web/src/lib/keys.ts", "\n/** Nobody's. */\nexport const LAST = 1;\n"),
        "LAST",
    ),
    "a client older than the API": ("web-lint", append("web/src/api/schema.d.ts", "\n"), "stale"),
    "a lock without a platform": (
        "web-lint",
        replace(
            "web/package-lock.json", '"node_modules/lightningcss-darwin-arm64"', '"node_modules/lightningcss-gone"'
        ),
        "lightningcss-darwin-arm64",
    ),
    "a type error in the web UI": (
        "web-types",
        append("web/src/lib/keys.ts", '\nexport const WRONG: number = "text";\n'),
        "TS2322",
    ),
    "a feature that uses another": (
        "web-lint",
        append("web/src/features/auth/Login.tsx", "\nexport { default as Other } from '@/features/shell/Shell';\n"),
        "noRestrictedImports",
    ),
    "a link to nowhere": ("docs", append("README.md", "\n[gone](docs/gone.md)\n"), "docs/gone.md"),
    "this machine's folder": ("leaks", name_the_checkout, "README.md"),
}


@cache
def passes(tree: Path, target: str) -> bool:
    clean = make(tree, target)
    assert clean.returncode == 0, f"`make {target}` fails without a breach:\n{clean.stdout}{clean.stderr}"
    return True


def contents(tree: Path) -> dict[Path, bytes]:
    top = [path for path in tree.iterdir() if path.is_file()]
    code = [path for folder in ("shared", "services", "tests") for path in (tree / folder).rglob("*.py")]
    code += [path for path in (tree / "web" / "src").rglob("*") if path.is_file()]
    code.append(tree / "web" / "package-lock.json")
    return {path: path.read_bytes() for path in (*top, *code)}


def restore(tree: Path, before: dict[Path, bytes]) -> None:
    now = contents(tree)
    for path in now.keys() - before.keys():
        path.unlink()
    for path, content in before.items():
        if now.get(path) != content:
            path.write_bytes(content)


@pytest.mark.parametrize("breach", BREACHES)
def test_ci_fails_on(breach: str, tree: Path) -> None:
    target, plant, said = BREACHES[breach]
    assert passes(tree, target)
    before = contents(tree)
    plant(tree)
    try:
        broken = make(tree, target)
    finally:
        restore(tree, before)
    assert broken.returncode != 0, f"`make {target}` did not see: {breach}"
    assert said in broken.stdout + broken.stderr


def test_ci_runs_every_gate() -> None:
    """A gate that CI does not call is none."""
    called = set(re.findall(r"make ([a-z-]+)", (ROOT / ".ci" / "run").read_text(encoding="utf-8")))
    assert {target for target, _, _ in BREACHES.values()} <= called
