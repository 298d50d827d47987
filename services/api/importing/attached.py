"""Where an attachment's bytes lie in an export. Its name comes from outside and is never a way to another place."""

import re
from pathlib import Path

FOLDER = "attachments"
_PLAIN = re.compile(r"[A-Za-z0-9~_-][A-Za-z0-9~_.-]{0,199}\Z")


def bytes_of(root: Path, ids: list[str], size: int | None) -> Path:
    """The file in `attachments` that has one of these ids as its name.

    Raises ValueError where there is none, where it is no plain file, and where it has another size than was said.
    """
    for one in ids:
        if not _PLAIN.match(one):
            continue
        path = root / FOLDER / one
        # A link would lead out of the export, to whatever of the operator's it names.
        if path.is_symlink() or (root / FOLDER).is_symlink():
            raise ValueError(f"{FOLDER}/{one} is a link, which is not followed")
        if path.is_file():
            return _of_size(path, one, size)
    raise ValueError(f"its bytes are not in {FOLDER}")


def _of_size(path: Path, name: str, size: int | None) -> Path:
    found = path.stat().st_size
    if size is not None and found != size:
        raise ValueError(f"{FOLDER}/{name} has {found} bytes and not {size}")
    return path
