"""Reads every page we publish, and the Makefile, and says which links lead nowhere and which commands do not exist."""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tests.architecture.place import ROOT, tracked

OURS = ("deploy", "services", "shared", "tests")

_LINK = re.compile(r"\]\((?!\w+:)([^)\s#]*)(?:#([^)\s]*))?\)")
_HEADING = re.compile(r"^#+ +(.*)$", re.MULTILINE)
_MAKE = re.compile(r"(?:`|^ *|[$|&] )make ([a-z][a-z0-9-]*)", re.MULTILINE)
_MODULE = re.compile(rf"python3? -m ((?:{'|'.join(OURS)})(?:\.\w+)*)")
_TARGET = re.compile(r"^([a-z0-9-]+):", re.MULTILINE)
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)


def faults(page: Path, root: Path) -> Iterator[str]:
    text = (root / page).read_text(encoding="utf-8")
    for target, anchor in _LINK.findall(_FENCE.sub("", text)):
        other = (root / page).parent / target if target else root / page
        if not other.exists():
            yield f"{page}: link to {target}, which is not there"
        elif anchor and anchor not in anchors(other.read_text(encoding="utf-8")):
            yield f"{page}: link to #{anchor} in {target or page}, which has no such heading"
    targets = set(_TARGET.findall((root / "Makefile").read_text(encoding="utf-8")))
    for name in dict.fromkeys(_MAKE.findall(text)):
        if name not in targets:
            yield f"{page}: make {name}, which the Makefile does not have"
    for name in dict.fromkeys(_MODULE.findall(text)):
        if not is_runnable(root / name.replace(".", "/")):
            yield f"{page}: python -m {name}, which cannot be run"


def faults_of_decisions(folder: Path) -> Iterator[str]:
    """Each decision is in the index, and no number is used twice."""
    index = (folder / "README.md").read_text(encoding="utf-8")
    numbers: set[str] = set()
    for name in sorted(path.name for path in folder.glob("[0-9]*.md")):
        if f"]({name})" not in index:
            yield f"{folder.name}/README.md: {name} is not in it"
        if name[:4] in numbers:
            yield f"{folder.name}: number {name[:4]} is used twice"
        numbers.add(name[:4])


def anchors(text: str) -> set[str]:
    """As GitHub makes them from headings."""
    titles = (re.sub(r"[^\w\- ]", "", title.lower()).strip() for title in _HEADING.findall(_FENCE.sub("", text)))
    return {title.replace(" ", "-") for title in titles}


def is_runnable(module: Path) -> bool:
    return module.with_suffix(".py").is_file() or (module / "__main__.py").is_file()


def main() -> int:
    pages = tracked("*.md", "Makefile", ".ci/run")
    found = [fault for page in pages for fault in faults(page, ROOT)]
    found += faults_of_decisions(ROOT / "docs" / "adr")
    print("\n".join(found) or f"{len(pages)} pages: every link and every command is there")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
