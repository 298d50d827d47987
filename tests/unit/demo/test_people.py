"""The demo's people: who can still sign in is kept, who cannot is made anew."""

from typing import Any

import httpx
import pytest

from deploy.demo import people


class Made:
    """What a command that made somebody left behind."""

    def __init__(self, returncode: int) -> None:
        self.returncode, self.stdout, self.stderr = returncode, "", "users: there already\n"


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The addresses that were to be made; the plain ones are taken where a test says so."""
    asked: list[str] = []

    def run(argv: list[str], **_: Any) -> Made:
        asked.append(argv[argv.index("--email") + 1])
        return Made(1 if asked[-1] == "analyst@alderbrook.example" else 0)

    monkeypatch.setattr("deploy.demo.people.subprocess.run", run)
    return asked


def _api(good: str) -> httpx.MockTransport:
    def answer(request: httpx.Request) -> httpx.Response:
        if request.url.path.endswith("/auth/login") and good.encode() not in request.content:
            return httpx.Response(401)
        return httpx.Response(200, json={"csrf_token": "x"})

    return httpx.MockTransport(answer)


def test_who_can_sign_in_is_kept(asked: list[str]) -> None:
    known = {"admin": {"email": "admin@alderbrook.example", "password": "still-good"}}
    found = people.enrol("http://api", "Alderbrook", known, {}, _api("still-good"))
    assert found["admin"] == known["admin"]
    assert "admin@alderbrook.example" not in asked


def test_whose_password_was_lost_is_somebody_else(asked: list[str]) -> None:
    found = people.enrol("http://api", "Alderbrook", {}, {}, _api("nothing"))
    assert found["admin"]["email"] == "admin@alderbrook.example"
    assert found["analyst"]["email"] == asked[-1] != "analyst@alderbrook.example"
    assert len({person["password"] for person in found.values()}) == 2


def test_who_takes_the_place_of_another_is_said(asked: list[str]) -> None:
    known = {role: {"email": f"{role}@alderbrook.example", "password": f"of-{role}"} for role in ("admin", "analyst")}
    found = people.enrol("http://api", "Alderbrook", known, {}, _api("of-admin"))
    (said,) = people.replaced(known, found)
    assert said.startswith("analyst@alderbrook.example does not sign in")
    assert found["analyst"]["email"] in said
    assert people.replaced({}, found) == []


def test_of_who_is_made_anew_at_the_same_address_it_is_said_once() -> None:
    before = {"analyst": {"email": "analyst@alderbrook.example", "password": "lost"}}
    (said,) = people.replaced(before, {"analyst": before["analyst"] | {"password": "new"}})
    assert said.count("analyst@alderbrook.example") == 1
    assert "anew" in said
