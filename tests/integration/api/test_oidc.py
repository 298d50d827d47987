"""Signing in with an identity provider: a real one for what goes well, one that lies for what must not."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from http.cookies import SimpleCookie
from ipaddress import ip_network
from typing import Any
from uuid import UUID

import httpx
import pyotp
import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from pydantic import SecretStr
from sqlalchemy import delete, func, select, text
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.auth import throttle
from services.api.settings import ApiSettings, GroupRole
from services.api.users.__main__ import main
from shared import clock
from shared.domain.permissions import Role
from shared.models import AuditEntry, LoginThrottle, Membership, OidcLogin, Session, User
from tests.fakes.oidc_provider import FakeProvider, running_fake
from tests.fixtures.oidc_provider import CLIENT_ID, CLIENT_SECRET, PUBLIC_URL, OidcProvider
from tests.integration.api.calling import Api, running
from tests.integration.api.conftest import NOWHERE
from tests.integration.api.rows import Tenant, make_person
from tests.integration.api.signed_in import COOKIE, Page, log_in, page_of
from tests.integration.api.signed_in import page_in as page_with

COOKIE_AWAY = f"{COOKIE}-oidc"


@pytest.fixture(autouse=True)
async def _nobody_guessed_yet(session: AsyncSession) -> None:
    """All tests come from one address."""
    await session.execute(delete(LoginThrottle))
    await session.commit()


def with_provider(settings: ApiSettings, issuer: str, acme: Tenant, other: Tenant) -> ApiSettings:
    """Settings with that provider, and roles for three groups."""

    def given(tenant: Tenant, role: Role) -> GroupRole:
        return GroupRole(organization=str(tenant.id), role=role)

    wanted: dict[str, Any] = {
        "public_url": PUBLIC_URL,
        "outgoing_allow": [ip_network("127.0.0.1/32")],
        "oidc_issuer": issuer,
        "oidc_client_id": CLIENT_ID,
        "oidc_client_secret": SecretStr(CLIENT_SECRET),
        "oidc_name": "Example login",
        "oidc_roles": {
            "leads": [given(acme, Role.LEAD)],
            "soc": [given(acme, Role.ANALYST)],
            "both": [given(acme, Role.VIEWER), given(other, Role.ADMIN)],
        },
    }
    return settings.model_copy(update=wanted)


@pytest.fixture
async def oidc_api(
    bare_settings: ApiSettings, oidc_provider: OidcProvider, acme: Tenant, other: Tenant
) -> AsyncIterator[Api]:
    """The application with the real provider."""
    async with running(with_provider(bare_settings, oidc_provider.issuer, acme, other)) as api:
        yield api


@pytest.fixture
def fake() -> Iterator[FakeProvider]:
    """The provider that lies."""
    with running_fake() as fake:
        yield fake


@pytest.fixture
async def lied_to(bare_settings: ApiSettings, fake: FakeProvider, acme: Tenant, other: Tenant) -> AsyncIterator[Api]:
    """The application with that one."""
    async with running(with_provider(bare_settings, fake.issuer, acme, other)) as api:
        yield api


@dataclass
class Browser:
    """Between the application and the provider: it keeps the cookie with which it was sent away."""

    api: Api
    cookie: str = ""

    async def leave(self, **query: str) -> httpx.URL:
        reply = await self.api.get("auth/oidc/login", params=query)
        cookie = SimpleCookie(reply.headers["set-cookie"])[COOKIE_AWAY]
        assert (cookie["httponly"], cookie["secure"], cookie["samesite"], cookie["path"]) == (True, True, "lax", "/")
        assert (reply.status_code, cookie["domain"]) == (302, "")
        self.cookie = cookie.value
        self.api.client.cookies.clear()
        return httpx.URL(reply.headers["location"])

    async def come_back(self, *, more: str = "", **query: str) -> httpx.Response:
        headers = {"Cookie": f"{COOKIE_AWAY}={self.cookie}{more}"}
        reply = await self.api.get("auth/oidc/callback", params=query, headers=headers)
        self.api.client.cookies.clear()
        assert reply.status_code == 302
        return reply

    async def sign_in(self, provider: OidcProvider, subject: str, **query: str) -> httpx.Response:
        """The whole way."""
        url = await provider.sign_in(str(await self.leave(**query)), subject)
        return await self.come_back(**dict(url.params))


async def page_in(api: Api, reply: httpx.Response) -> Page:
    """Where the callback leads, with its session."""
    cookie = SimpleCookie(reply.headers["set-cookie"])[COOKIE].value
    shown = await Page(api, cookie, "").get("auth/session")
    return Page(api, cookie, shown.json()["csrf_token"])


def refused(reply: httpx.Response) -> str | None:
    """The word on the sign-in page; there is no session then."""
    url = httpx.URL(reply.headers["location"])
    if url.path != "/sign-in":
        return None
    assert "set-cookie" not in reply.headers
    return url.params["error"]


def somebody() -> str:
    return f"s-{secrets.token_hex(6)}"


def person(subject: str, *groups: str, **claims: Any) -> dict[str, Any]:
    return {"name": "Ann", "email": f"{subject}@example.org", "email_verified": True, "groups": list(groups)} | claims


async def memberships(session: AsyncSession, user_id: UUID) -> dict[UUID, tuple[str, str]]:
    rows = await session.execute(
        select(Membership.organization_id, Membership.role, Membership.source).where(Membership.user_id == user_id)
    )
    await session.commit()
    return {organization_id: (role, source) for organization_id, role, source in rows}


async def told(session: AsyncSession, user_id: UUID) -> list[str]:
    rows = await session.scalars(
        select(AuditEntry.action).where(AuditEntry.object_id == user_id).order_by(AuditEntry.id)
    )
    return list(rows)


async def user_of(session: AsyncSession, subject: str) -> User | None:
    found = await session.scalar(select(User).where(User.oidc_subject == subject))
    await session.commit()
    return found


async def test_groups_make_a_member_and_follow_at_each_sign_in(
    oidc_api: Api, oidc_provider: OidcProvider, acme: Tenant, other: Tenant, session: AsyncSession
) -> None:
    browser, ann = Browser(oidc_api), somebody()
    oidc_provider.knows(ann, **person(ann, "soc", "of no matter"))
    reply = await browser.sign_in(oidc_provider, ann, return_to="/alerts?query=a")
    assert reply.headers["location"] == "/alerts?query=a"
    cookie = SimpleCookie(reply.headers["set-cookie"])[COOKIE]
    assert (cookie["httponly"], cookie["secure"], cookie["samesite"], cookie["max-age"]) == (True, True, "strict", "")
    page = await page_in(oidc_api, reply)
    shown = (await page.get("auth/session")).json()
    assert (shown["user"]["name"], shown["user"]["email"]) == ("Ann", f"{ann}@example.org")
    user_id = UUID(shown["user"]["id"])
    assert await memberships(session, user_id) == {acme.id: ("analyst", "oidc")}
    assert await told(session, user_id) == ["user.added", "user.signed_in"]
    means = select(AuditEntry.details["means"].astext).where(
        AuditEntry.object_id == user_id, AuditEntry.action == "user.signed_in"
    )
    assert await session.scalar(means) == "oidc"
    assert (await page.get("alerts")).status_code == 200
    assert (await log_in(oidc_api, User(email=f"{ann}@example.org"))).status_code == 401, "nobody gave them a password"

    oidc_provider.knows(ann, **person(ann, "soc", "leads", "both", name="Changed", email="another@example.org"))
    assert refused(await browser.sign_in(oidc_provider, ann)) is None
    assert await memberships(session, user_id) == {acme.id: ("lead", "oidc"), other.id: ("admin", "oidc")}
    user = await user_of(session, ann)
    assert user is not None
    assert (user.id, user.email) == (user_id, f"{ann}@example.org"), "it is the subject that is known again"

    oidc_provider.knows(ann, **person(ann))
    assert refused(await browser.sign_in(oidc_provider, ann)) == "oidc_no_role"
    assert await memberships(session, user_id) == {}
    assert (await page.get("alerts")).status_code == 403, "nor with a session from before"
    actions = await told(session, user_id)
    assert actions.count("user.changed") == 1
    assert actions.count("user.removed") == actions.count("user.sign_in_refused") == 2


async def test_what_was_given_by_hand_stays(
    oidc_api: Api, oidc_provider: OidcProvider, acme: Tenant, other: Tenant, session: AsyncSession
) -> None:
    browser, ann = Browser(oidc_api), somebody()
    added = await make_person(session, acme, "viewer", email=f"{ann}@example.org")
    oidc_provider.knows(ann, **person(ann, "both"))
    assert refused(await browser.sign_in(oidc_provider, ann)) is None
    assert await memberships(session, added.id) == {acme.id: ("viewer", "local"), other.id: ("admin", "oidc")}
    oidc_provider.knows(ann, **person(ann, "leads"))
    assert refused(await browser.sign_in(oidc_provider, ann)) is None
    assert await memberships(session, added.id) == {acme.id: ("viewer", "local")}
    oidc_provider.knows(ann, **person(ann))
    assert refused(await browser.sign_in(oidc_provider, ann)) is None


async def test_a_role_changed_by_hand_is_by_hand(
    oidc_api: Api, oidc_provider: OidcProvider, acme: Tenant, session: AsyncSession
) -> None:
    browser, ann = Browser(oidc_api), somebody()
    oidc_provider.knows(ann, **person(ann, "soc"))
    page = await page_in(oidc_api, await browser.sign_in(oidc_provider, ann))
    user_id = UUID((await page.get("auth/session")).json()["user"]["id"])
    changed = await oidc_api.as_(acme.token).patch(f"users/{user_id}", {"role": "operator"})
    assert changed.status_code == 200
    assert refused(await browser.sign_in(oidc_provider, ann)) is None
    assert await memberships(session, user_id) == {acme.id: ("operator", "local")}


async def test_the_answer_belongs_to_one_browser_and_is_taken_once(
    oidc_api: Api, oidc_provider: OidcProvider, session: AsyncSession
) -> None:
    browser, stranger, ann = Browser(oidc_api), Browser(oidc_api), somebody()
    oidc_provider.knows(ann, **person(ann, "soc"))
    url = await oidc_provider.sign_in(str(await browser.leave(return_to="//evil.example")), ann)
    await stranger.leave()
    answer = dict(url.params)
    for who, query in (
        (stranger, answer),
        (Browser(oidc_api), answer),
        (browser, {"code": answer["code"]}),
        (browser, answer | {"state": "x"}),
        (browser, answer | {"state": ""}),
    ):
        assert refused(await who.come_back(**query)) == "oidc_state"
    planted = f"; {COOKIE}=planted"
    reply = await browser.come_back(more=planted, **answer)
    assert reply.headers["location"] == "/", "not to another site"
    assert SimpleCookie(reply.headers["set-cookie"])[COOKIE].value != "planted"
    assert refused(await browser.come_back(**answer)) == "oidc_state", "taken once"

    url = await oidc_provider.sign_in(str(await browser.leave()), ann)
    await session.execute(text("UPDATE oidc_logins SET created_at = now() - interval '10 minutes'"))
    await session.commit()
    assert refused(await browser.come_back(**dict(url.params))) == "oidc_state", "too late"
    await browser.leave()
    assert await session.scalar(select(func.count()).select_from(OidcLogin)) == 1, "old ones go"


async def test_an_address_finds_who_was_added_only_when_it_was_proven(
    oidc_api: Api, oidc_provider: OidcProvider, acme: Tenant, session: AsyncSession
) -> None:
    browser, ann, mallory, new = Browser(oidc_api), somebody(), somebody(), somebody()
    added = await make_person(session, acme, "admin", must_change_password=True)
    oidc_provider.knows(mallory, **person(mallory, "soc", email=added.email, email_verified=False))
    assert refused(await browser.sign_in(oidc_provider, mallory)) == "oidc_email_unverified"
    oidc_provider.knows(new, **person(new, "soc", email_verified=False))
    assert refused(await browser.sign_in(oidc_provider, new)) == "oidc_email_unverified"
    oidc_provider.knows(ann, **person(ann, "soc", email=added.email.upper()))
    page = await page_in(oidc_api, await browser.sign_in(oidc_provider, ann))
    assert (await page.get("auth/session")).json()["user"]["id"] == str(added.id)
    assert (await page.get("alerts")).status_code == 200
    assert (await log_in(oidc_api, added)).status_code == 401, "the first password has gone"
    oidc_provider.knows(mallory, **person(mallory, "soc", email=added.email))
    assert refused(await browser.sign_in(oidc_provider, mallory)) == "oidc_email_taken"
    assert await user_of(session, mallory) is None
    assert await told(session, added.id) == [
        "user.linked",
        "user.signed_in",
        "user.sign_in_failed",
        "user.sign_in_refused",
    ]


async def test_nobody_else_has_a_way_into_an_account_once_it_is_linked(
    oidc_api: Api, oidc_provider: OidcProvider, acme: Tenant, other: Tenant, session: AsyncSession
) -> None:
    """Whoever adds an address first could else be that person, with all that their groups give them."""
    browser, ann = Browser(oidc_api), somebody()
    admin = await page_of(oidc_api, await make_person(session, acme, "admin"))
    body = {"email": f"{ann}@example.org", "name": "Ann", "role": "viewer"}
    first = (await admin.post("users", body)).json()["password"]
    planted, password = User(email=body["email"]), "chosen by who planted it"
    limited = await page_of(oidc_api, planted, password=first)
    changed = await limited.post("auth/password", {"current": first, "new": password})
    oidc_api.client.cookies.clear()
    theirs = page_with(oidc_api, changed)
    made = await theirs.post("tokens", {"name": "x", "scopes": ["*"], "password": password})
    app = pyotp.TOTP((await theirs.post("auth/totp")).json()["secret"])
    confirmed = await theirs.post("auth/totp/confirm", {"code": app.at(clock.now()), "password": password})
    assert (made.status_code, confirmed.status_code) == (201, 200)

    oidc_provider.knows(ann, **person(ann, "both"))
    page = await page_in(oidc_api, await browser.sign_in(oidc_provider, ann))
    shown = (await page.get("auth/session")).json()
    assert (len(shown["memberships"]), shown["totp_enabled"]) == (2, False)
    for code in {}, {"code": confirmed.json()["codes"][0]}:
        assert (await log_in(oidc_api, planted, password=password, **code)).json()["code"] == "bad_credentials"
    left = [(await one.get("alerts")).status_code for one in (theirs, oidc_api.as_(made.json()["token"]), page)]
    assert left == [401, 401, 200]


async def test_a_first_password_s_session_ends_with_it(
    oidc_api: Api, oidc_provider: OidcProvider, acme: Tenant, session: AsyncSession
) -> None:
    browser, ann = Browser(oidc_api), somebody()
    added = await make_person(session, acme, must_change_password=True, email=f"{ann}@example.org")
    limited = await page_of(oidc_api, added)
    oidc_provider.knows(ann, **person(ann))
    assert refused(await browser.sign_in(oidc_provider, ann)) is None
    assert (await limited.get("alerts")).json()["code"] == "session_ended"


async def test_who_signs_in_with_the_provider_has_no_password_but_from_the_command_line(
    *,
    oidc_api: Api,
    oidc_provider: OidcProvider,
    acme: Tenant,
    other: Tenant,
    session: AsyncSession,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """With a password nobody would follow the groups any more."""
    browser, ann = Browser(oidc_api), somebody()
    added = await make_person(session, acme, "viewer", email=f"{ann}@example.org")
    oidc_provider.knows(ann, **person(ann, "both"))
    page = await page_in(oidc_api, await browser.sign_in(oidc_provider, ann))
    chosen = await page.post("auth/password", {"current": "any", "new": "a rather different one"})
    admin = await make_person(session, acme, "admin")
    session.add(Membership(user_id=admin.id, organization_id=other.id, role="admin"))
    await session.commit()
    where = {"organization_id": str(acme.id)}
    reset = await (await page_of(oidc_api, admin)).post(f"users/{added.id}/reset", params=where)
    for reply in (chosen, reset):
        assert (reply.status_code, reply.json()["code"]) == (409, "of_the_provider")

    monkeypatch.setenv("EVENTSEC_API_POSTGRES_URL", oidc_api.resources.settings.postgres_url.get_secret_value())
    assert await asyncio.to_thread(main, ["reset", "--email", added.email]) == 0
    assert (await page.get("alerts")).status_code == 401
    signed_in = await log_in(oidc_api, added, password=capsys.readouterr().out.strip())
    assert (signed_in.status_code, signed_in.json()["must_change_password"]) == (200, True)
    assert await memberships(session, added.id) == {acme.id: ("viewer", "local")}
    assert await user_of(session, ann) is None
    entries = await session.execute(
        select(AuditEntry.action, AuditEntry.organization_id).where(
            AuditEntry.object_id == added.id, AuditEntry.actor == "system"
        )
    )
    assert {tuple(row) for row in entries} == {
        ("user.reset", acme.id),
        ("user.reset", other.id),
        ("user.removed", other.id),
    }


async def test_who_was_disabled_or_is_unknown_stays_out(
    oidc_api: Api, oidc_provider: OidcProvider, acme: Tenant, session: AsyncSession
) -> None:
    browser, gone, never, nobody = Browser(oidc_api), somebody(), somebody(), somebody()
    known: dict[str, Any] = {"oidc_issuer": oidc_provider.issuer, "oidc_subject": gone, "password_hash": None}
    disabled = await make_person(session, acme, disabled_at=clock.now(), **known)
    linked = await make_person(session, acme, disabled_at=clock.now(), email=f"{never}@example.org")
    for subject, groups in ((gone, ("soc",)), (never, ("soc",)), (nobody, ("of no matter",))):
        oidc_provider.knows(subject, **person(subject, *groups))
    assert refused(await browser.sign_in(oidc_provider, gone)) == "oidc_disabled"
    assert refused(await browser.sign_in(oidc_provider, never)) == "oidc_disabled"
    assert refused(await browser.sign_in(oidc_provider, nobody)) == "oidc_no_role"
    assert await told(session, disabled.id) == await told(session, linked.id) == ["user.sign_in_refused"]
    assert await user_of(session, nobody) is None
    people = select(func.count()).select_from(Session).where(Session.user_id.in_([disabled.id, linked.id]))
    assert await session.scalar(people) == 0


async def test_who_declines_and_who_signs_out(oidc_api: Api, oidc_provider: OidcProvider) -> None:
    browser = Browser(oidc_api)
    state = (await browser.leave()).params["state"]
    declined = await browser.come_back(state=state, error="access_denied", error_description="no", session_state="1")
    assert refused(declined) == "oidc_declined"
    assert (await oidc_api.get("auth/methods")).json()["oidc"] == "Example login"
    url = httpx.URL((await oidc_api.get("auth/oidc/logout")).headers["location"])
    assert str(url).startswith(f"{oidc_provider.issuer}/session/end")
    async with httpx.AsyncClient() as client:
        page = await client.get(url)
    assert page.status_code == 200, "the provider knows the page to come back to"


def token(fake: FakeProvider, url: httpx.URL, *, key: RSAKey | None = None, kid: str = "first", **claims: Any) -> str:
    now = int(clock.now().timestamp())
    whole = {
        "iss": fake.issuer,
        "sub": "ann",
        "aud": CLIENT_ID,
        "exp": now + 60,
        "iat": now,
        "nonce": url.params["nonce"],
        "email": "fake@example.org",
        "email_verified": True,
        "groups": ["soc"],
    }
    return jwt.encode({"alg": "RS256", "kid": kid}, whole | claims, key or fake.key)


async def test_a_provider_that_lies_signs_nobody_in(lied_to: Api, fake: FakeProvider, session: AsyncSession) -> None:
    browser = Browser(lied_to)

    async def come_back(made: Any) -> str | None:
        url = await browser.leave()
        fake.id_token = made(url)
        reply = await browser.come_back(code="any", state=url.params["state"])
        return refused(reply)

    for made in (
        lambda url: token(fake, url, nonce="of another attempt"),
        lambda url: token(fake, url, aud="other"),
        lambda url: token(fake, url, iss="https://evil.example"),
        lambda url: token(fake, url, exp=int(clock.now().timestamp()) - 120),
        lambda url: token(fake, url, key=RSAKey.generate_key(2048)),
        lambda _: None,
        lambda _: "eyJhbGciOiJub25lIn0.e30.",
    ):
        assert await come_back(made) == "oidc_invalid"
    url = await browser.leave()
    fake.id_token = token(fake, url)
    mixed_up = await browser.come_back(code="any", state=url.params["state"], iss="https://evil.example")
    assert refused(mixed_up) == "oidc_invalid"
    assert await user_of(session, "ann") is None
    assert await come_back(lambda url: token(fake, url)) is None
    assert fake.asked["/jwks"] == 1


async def test_an_address_that_only_looks_the_same_finds_nobody(
    lied_to: Api, fake: FakeProvider, acme: Tenant, session: AsyncSession
) -> None:
    """U+212A is a letter of its own, whose small one is k."""
    added = await make_person(session, acme, "admin", email=f"k{somebody()}@example.org")
    browser = Browser(lied_to)
    url = await browser.leave()
    fake.id_token = token(fake, url, sub=somebody(), email="\u212a" + added.email[1:])
    assert refused(await browser.come_back(code="any", state=url.params["state"])) == "oidc_email_taken"
    await session.refresh(added)
    assert added.oidc_subject is None
    assert await told(session, added.id) == ["user.sign_in_refused"]


async def test_another_key_is_found_where_it_is_published(
    lied_to: Api, fake: FakeProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("services.api.openid.PAUSE_SECONDS", 0.0)
    browser = Browser(lied_to)
    for kid in ("first", "second"):
        url = await browser.leave()
        fake.key = RSAKey.generate_key(2048, {"kid": kid, "use": "sig"})
        fake.id_token = token(fake, url, kid=kid, sub="rotated", email="rotated@example.org")
        assert refused(await browser.come_back(code="any", state=url.params["state"])) is None
    assert fake.asked["/jwks"] == 2


async def test_codes_that_are_guessed_are_slowed_down(lied_to: Api, fake: FakeProvider) -> None:
    browser = Browser(lied_to)
    said = []
    for _ in range(throttle.FREE["address"] + 1):
        url = await browser.leave()
        said.append(refused(await browser.come_back(code="guess", state=url.params["state"])))
    assert said == ["oidc_invalid"] * throttle.FREE["address"] + ["too_many_logins"]
    assert fake.asked["/token"] == throttle.FREE["address"]


async def test_nobody_is_to_blame_for_a_provider_that_fails(
    lied_to: Api, fake: FakeProvider, session: AsyncSession
) -> None:
    browser = Browser(lied_to)
    fake.broken = True
    for _ in range(3):
        url = await browser.leave()
        assert refused(await browser.come_back(code="any", state=url.params["state"])) == "oidc_unavailable"
    assert set(await session.scalars(select(LoginThrottle.failures))) == {0}


async def test_a_provider_that_is_away_or_out_of_reach_or_not_set_up(
    bare_settings: ApiSettings, api: Api, fake: FakeProvider, acme: Tenant, other: Tenant
) -> None:
    for path in ("auth/oidc/login", "auth/oidc/callback", "auth/oidc/logout"):
        assert refused(await api.as_(None).get(path)) == "oidc_off"
    assert (await api.as_(None).get("auth/methods")).json() == {"password": True, "oidc": None}
    away = with_provider(bare_settings, f"http://127.0.0.1:{NOWHERE}", acme, other)
    inside = with_provider(bare_settings, fake.issuer, acme, other).model_copy(update={"outgoing_allow": []})
    for settings in (away, inside):
        async with running(settings) as cut_off:
            assert refused(await cut_off.get("auth/oidc/login")) == "oidc_unavailable"
    assert fake.asked == {}, "an address inside is not even called"
