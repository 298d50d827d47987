"""The page for people says of every role what the code does."""

import re
from pathlib import Path

from shared.domain.permissions import MAX_BULK, PERMISSIONS, Permission, Role

PAGE = Path(__file__).resolve().parents[3] / "docs" / "roles.md"


def test_the_page_has_every_permission_with_the_roles_that_have_it() -> None:
    text = PAGE.read_text(encoding="utf-8")
    rows = [[cell.strip() for cell in line.split("|")[1:-1]] for line in text.splitlines() if line.startswith("|")]
    head, *table = [row for row in rows if not row[0].startswith("-")]
    assert head[2:] == list(Role)
    said = [(row[0].strip("`"), [role for role, mark in zip(Role, row[2:], strict=True) if mark]) for row in table]
    expected = {str(one): [role for role in Role if one in PERMISSIONS[role]] for one in Permission}
    assert dict(said) == expected
    assert len(said) == len(expected)
    assert set(re.findall(r"(\d[\d,]*) alerts", text)) == {f"{MAX_BULK:,}"}
