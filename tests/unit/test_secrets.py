"""What an installation keeps secret: made once, whole, for the containers to read and for nobody else on the host."""

from pathlib import Path

import pytest

from deploy import secrets
from shared.cipher import Cipher
from shared.guards import DEMO_PASSWORD, DEMO_SECRET_KEY

DEMO = secrets.FOLDER / "demo"


def test_each_is_made_once(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "a" / "secrets"
    assert secrets.main(["--dir", str(folder)]) == 0
    made = {file.name: file.read_text() for file in folder.iterdir()}
    assert made.keys() == secrets.SECRETS.keys()
    assert len(set(made.values())) == len(made)
    assert capsys.readouterr().out.count("new ") == len(made)

    (folder / "postgres_password").unlink()
    assert secrets.main(["--dir", str(folder)]) == 0
    again = {file.name: file.read_text() for file in folder.iterdir()}
    assert {name for name in made if again[name] != made[name]} == {"postgres_password"}
    assert [line for line in capsys.readouterr().out.splitlines() if line.startswith("new")] == [
        f"new   {folder / 'postgres_password'}"
    ]


def test_only_the_owner_gets_to_what_every_container_can_read(tmp_path: Path) -> None:
    (tmp_path / "secrets").mkdir(mode=0o755)
    secrets.make(tmp_path / "secrets")
    assert (tmp_path / "secrets").stat().st_mode & 0o777 == 0o700
    assert {file.stat().st_mode & 0o777 for file in (tmp_path / "secrets").iterdir()} == {0o644}


def test_what_is_made_can_be_used() -> None:
    cipher = Cipher([secrets.key()])
    assert cipher.decrypt(cipher.encrypt("seed")) == "seed"
    for _ in range(50):
        made = secrets.password()
        assert len(made) >= 43
        assert made.replace("-", "").replace("_", "").isalnum()
        # OpenSearch's rule for its first administrator.
        assert any(c.islower() for c in made) and any(c.isupper() for c in made)
        assert any(c.isdigit() for c in made) and not made.isalnum()


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("")
    assert secrets.main(["--dir", str(tmp_path / "file")]) == 1
    assert "File exists" in capsys.readouterr().err


def test_the_demos_say_that_they_are_for_a_demo() -> None:
    texts = {file.name: file.read_text().rstrip() for file in DEMO.iterdir()}
    assert texts.keys() == secrets.SECRETS.keys()
    assert texts.pop("secret_keys") == DEMO_SECRET_KEY
    assert all(text.startswith(DEMO_PASSWORD) for text in texts.values())
