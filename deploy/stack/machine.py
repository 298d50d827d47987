"""Where this machine keeps its programs."""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path


def search_path() -> str:
    """The caller's PATH, and the folders an ordinary user's leaves out."""
    return f"{os.environ.get('PATH', os.defpath)}:/usr/local/sbin:/usr/sbin:/sbin"


def program(name: str) -> Path | None:
    """Where it really is, links followed."""
    found = shutil.which(name, path=search_path())
    return Path(found).resolve() if found else None


def folders(patterns: Iterable[str]) -> list[Path]:
    """What matches absolute patterns (`~` is the caller's home), in their order, the last by name first."""
    found: list[Path] = []
    for pattern in patterns:
        absolute = Path(pattern).expanduser()
        found += sorted(Path("/").glob(str(absolute.relative_to("/"))), reverse=True)
    return found
