"""Gets the demo its two people, each with a password of its own making, or finds again those it had."""

import secrets
import subprocess
from collections.abc import Mapping
from typing import Any

import httpx

from deploy.demo.commands import ROOT, module
from deploy.stack.errors import StackError

NAMES = {"admin": "Ada Admin", "analyst": "Ari Analyst"}
DOMAIN = "alderbrook.example"
MAKE_SECONDS = 120


class Page:
    """A page where one of them is signed in: the cookie the client keeps, and the proof that changes need."""

    def __init__(self, url: str, person: Mapping[str, str], transport: httpx.BaseTransport | None = None) -> None:
        self.client = httpx.Client(base_url=f"{url}/api/v1", timeout=15, transport=transport)
        self._reply = self.client.post("/auth/login", json={"email": person["email"], "password": person["password"]})
        if self.signed_in:
            self.client.headers["X-CSRF-Token"] = self._reply.json()["csrf_token"]

    @property
    def signed_in(self) -> bool:
        """False when the password is not good, or no longer."""
        return self._reply.is_success

    def __enter__(self) -> "Page":
        return self

    def __exit__(self, *_: object) -> None:
        if self.signed_in:
            self.client.post("/auth/logout")
        self.client.close()

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """The reply's body. Raises StackError when the API refuses."""
        return _body(self.client.request(method, path, json=body, headers=headers))

    def hand_in(self, path: str, content: bytes, named: Mapping[str, str]) -> Any:
        """Post bytes as they are; what is said of them stands in the query."""
        return _body(self.client.post(path, content=content, params=named))


def _body(answer: httpx.Response) -> Any:
    if answer.is_error:
        asked = f"{answer.request.method} {answer.request.url.path}"
        raise StackError(f"the API answers {answer.status_code} to {asked}:\n    {answer.text[:400]}")
    return answer.json() if answer.content else None


def enrol(
    url: str,
    organization: str,
    known: Mapping[str, Mapping[str, str]],
    env: Mapping[str, str],
    transport: httpx.BaseTransport | None = None,
) -> dict[str, dict[str, str]]:
    """By role, what each signs in with. Raises StackError when one cannot be made."""
    people = {}
    for role, name in NAMES.items():
        person = dict(known.get(role, {}))
        if person:
            with Page(url, person, transport) as page:
                person = person if page.signed_in else {}
        people[role] = person or _make(role, name, organization, env)
    return people


def replaced(known: Mapping[str, Mapping[str, str]], people: Mapping[str, Mapping[str, str]]) -> list[str]:
    """What to say of those who could not sign in with the demo's password any more, and so were made anew."""
    return [
        f"{known[role]['email']} does not sign in with the demo's password: {_instead(role, known[role], person)}"
        for role, person in people.items()
        if role in known and known[role] != person
    ]


def _instead(role: str, before: Mapping[str, str], now: Mapping[str, str]) -> str:
    if now["email"] == before["email"]:
        return "it was made anew, with another one"
    return f"the demo's {role} is {now['email']} from now on"


def _make(role: str, name: str, organization: str, env: Mapping[str, str]) -> dict[str, str]:
    # Somebody of that address may be there whose password was lost with the file: then it is another one.
    for address in (role, f"{role}-{secrets.token_hex(3)}"):
        person = {"email": f"{address}@{DOMAIN}", "password": secrets.token_urlsafe(15)}
        argv = module(
            "services.api.users", "create-admin", "--email", person["email"], "--name", name,
            "--organization", organization, "--role", role, "--password-stdin",
        )  # fmt: skip
        made = subprocess.run(
            argv, env=dict(env), cwd=ROOT, capture_output=True, text=True, timeout=MAKE_SECONDS, check=False,
            input=person["password"] + "\n",
        )  # fmt: skip
        if made.returncode == 0:
            return person
    raise StackError(f"the {role} could not be made:\n    {made.stderr.strip()[-800:]}")
