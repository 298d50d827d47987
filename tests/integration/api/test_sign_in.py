"""Signing in: who may, how it is slowed down for who guesses, and what a session is and is not good for."""

import asyncio
import contextlib
import secrets
from datetime import timedelta
from http.cookies import SimpleCookie

import pyotp
import pytest
from sqlalchemy import delete, select, text, update
from sqlalchemy.ext.asyncio import AsyncSession

from services.api import passwords
from services.api.auth import throttle, totp
from services.api.settings import ApiSettings
from shared import clock
from shared.models import AuditEntry, LoginThrottle, Session, User
from tests.integration.api.calling import Api, running
from tests.integration.api.rows import PASSWORD, Tenant, make_person
from tests.integration.api.signed_in import COOKIE, log_in, page_in, page_of

NEXT = "a rather different one"


@pytest.fixture(autouse=True)
async def _nobody_guessed_yet(session: AsyncSession) -> None:
    """All tests come from one address."""
    await session.execute(delete(LoginThrottle))
    await session.commit()


async def test_who_signs_in_gets_a_session_that_only_the_browser_holds(
    api: Api, acme: Tenant, session: AsyncSession
) -> None:
    user = await make_person(session, acme, "lead")
    reply = await log_in(api, user, headers={"User-Agent": "a browser"})
    body = reply.json()
    assert (reply.status_code, body["user"]["email"], body["memberships"][0]["role"]) == (200, user.email, "lead")
    assert "alerts:write" in body["memberships"][0]["permissions"]
    cookie = SimpleCookie(reply.headers["set-cookie"])[COOKIE]
    assert (cookie["httponly"], cookie["secure"], cookie["path"], cookie["domain"]) == (True, True, "/", "")
    assert (cookie["samesite"].lower(), cookie["max-age"], cookie["expires"]) == ("strict", "", "")
    row = (await session.scalars(select(Session).where(Session.user_id == user.id))).one()
    assert (row.address, row.user_agent) == ("127.0.0.1", "a browser")
    assert cookie.value.encode() not in row.token_hash
    page = page_in(api, reply)
    shown = (await page.get("auth/session")).json()
    assert (shown["user"]["id"], shown["csrf_token"]) == (str(user.id), page.csrf)
    assert (await page.get("alerts")).status_code == 200


async def test_wrong_is_wrong_whatever_is_wrong(api: Api, acme: Tenant, session: AsyncSession) -> None:
    user, gone = await make_person(session, acme), await make_person(session, acme, disabled_at=clock.now())
    nobody = User(email="nobody@example.org")
    federated = await make_person(session, acme, password_hash=None)
    for who, password in (
        (user, "wrong"),
        (gone, PASSWORD),
        (nobody, PASSWORD),
        (federated, PASSWORD),
    ):
        reply = await log_in(api, who, password=password)
        assert (reply.status_code, reply.json()["code"]) == (401, "bad_credentials")
        assert "set-cookie" not in reply.headers
    entries = await session.scalars(select(AuditEntry.action).where(AuditEntry.object_id == user.id))
    assert list(entries) == ["user.sign_in_failed"]


async def test_who_guesses_is_slowed_down_and_who_knows_is_let_in_again(
    api: Api, acme: Tenant, session: AsyncSession
) -> None:
    user = await make_person(session, acme)
    for _ in range(throttle.FREE["account"]):
        assert (await log_in(api, user, password="wrong")).status_code == 401
    blocked = await log_in(api, user)
    assert (blocked.status_code, blocked.json()["code"]) == (429, "too_many_logins")
    assert int(blocked.headers["retry-after"]) >= 1
    await session.execute(update(LoginThrottle).values(blocked_until=clock.now()))
    await session.commit()
    assert (await log_in(api, user)).status_code == 200
    assert (await log_in(api, user, password="wrong")).status_code == 401
    assert (await log_in(api, user)).status_code == 200, "the count began anew"


async def test_an_account_is_counted_as_it_is_found(api: Api, acme: Tenant, session: AsyncSession) -> None:
    """The small letter of U+0130 is an i to the database, and two characters to Python."""
    user = await make_person(session, acme, email=f"iii{secrets.token_hex(6)}@example.org")
    spellings = [User(email=user.email.replace("i", letters, 1)) for letters in ("i", "I", "\u0130")] * 2
    assert (await log_in(api, spellings[2])).status_code == 200, "it finds the account"
    replies = [await log_in(api, one, password="wrong") for one in spellings]
    assert [reply.status_code for reply in replies] == [401] * throttle.FREE["account"] + [429]


async def test_guesses_at_once_count_too(api: Api, acme: Tenant, session: AsyncSession) -> None:
    user = await make_person(session, acme)
    replies = await asyncio.gather(*(log_in(api, user, password=f"guess {number}") for number in range(12)))
    counted = sorted(reply.status_code for reply in replies)
    assert counted.count(401) <= throttle.FREE["account"] + 1
    assert set(counted) == {401, 429}


async def test_who_guesses_at_many_accounts_is_slowed_down_too(api: Api, acme: Tenant, session: AsyncSession) -> None:
    for number in range(throttle.FREE["address"]):
        assert (await log_in(api, User(email=f"nobody-{number}@example.org"))).status_code == 401
    reply = await log_in(api, await make_person(session, acme))
    assert (reply.status_code, reply.json()["code"]) == (429, "too_many_logins")


async def test_who_guesses_at_an_unlocked_screen_is_slowed_down_too(
    api: Api, acme: Tenant, session: AsyncSession
) -> None:
    page = await page_of(api, await make_person(session, acme))
    for _ in range(throttle.FREE["account"]):
        assert (await page.post("auth/password", {"current": "wrong", "new": NEXT})).status_code == 403
    assert (await page.post("auth/password", {"current": PASSWORD, "new": NEXT})).status_code == 429
    assert (await page.post("auth/totp/remove", {"password": PASSWORD})).status_code == 429
    told = await session.scalars(
        select(AuditEntry.action).where(AuditEntry.kind == "user", AuditEntry.organization_id == acme.id)
    )
    assert list(told) == ["user.signed_in"] + ["user.password_failed"] * throttle.FREE["account"]


async def test_only_who_knows_the_password_has_another_hashed(
    api: Api, acme: Tenant, session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody signed in who sends wrong ones would take the turns of those who sign in."""
    page = await page_of(api, await make_person(session, acme))
    hashed: list[str] = []
    monkeypatch.setattr(api.resources.passwords, "hash", hashed.append)
    for current, new in (("wrong", NEXT), (PASSWORD, "short"), (PASSWORD, PASSWORD)):
        assert (await page.post("auth/password", {"current": current, "new": new})).status_code in {403, 422}
    assert hashed == []


async def test_an_office_that_signs_in_from_one_address_is_no_guesser(
    api: Api, acme: Tenant, session: AsyncSession
) -> None:
    for _ in range(throttle.FREE["address"] + 5):
        user = await make_person(session, acme)
        assert (await log_in(api, user)).status_code == 200


async def with_app(api: Api, session: AsyncSession, tenant: Tenant, codes: list[str]) -> User:
    """Somebody who has set up an authenticator app, with these recovery codes."""
    return await make_person(
        session,
        tenant,
        totp_secret=api.resources.cipher.encrypt(totp.make_secret()),
        totp_confirmed_at=clock.now(),
        recovery_hashes=[totp.recovery_hash(code) for code in codes],
    )


async def test_who_is_asked_for_a_code_has_not_failed(api: Api, acme: Tenant, session: AsyncSession) -> None:
    codes = [f"{number:06}" for number in range(throttle.FREE["address"] * 2)]
    user = await with_app(api, session, acme, codes)
    for code in codes:
        assert (await log_in(api, user)).json()["code"] == "totp_required"
        assert (await log_in(api, user, code=code)).status_code == 200
    assert set(await session.scalars(select(LoginThrottle.failures))) == {0}


async def test_who_knows_the_password_does_not_guess_codes_for_nothing(
    api: Api, acme: Tenant, session: AsyncSession
) -> None:
    user = await with_app(api, session, acme, [])
    for _ in range(throttle.FREE["account"]):
        assert (await log_in(api, user)).json()["code"] == "totp_required"
        assert (await log_in(api, user, code="000000")).json()["code"] == "bad_credentials"
    assert (await log_in(api, user)).status_code == 429


async def test_only_failures_are_remembered_for_longer(api: Api, acme: Tenant, session: AsyncSession) -> None:
    user = await make_person(session, acme)
    assert (await log_in(api, user, password="wrong")).status_code == 401
    failed = set(await session.scalars(select(LoginThrottle.last_failed_at)))
    await session.commit()
    assert (await log_in(api, user)).status_code == 200
    assert set(await session.scalars(select(LoginThrottle.last_failed_at))) == failed


async def test_who_waits_for_a_turn_holds_no_connection(
    bare_settings: ApiSettings, acme: Tenant, session: AsyncSession
) -> None:
    """Only so many passwords are looked at at once; the others must leave the pool to the rest."""
    user = await make_person(session, acme)
    async with running(bare_settings.model_copy(update={"postgres_pool_size": 1}), acme.token) as api:
        async with contextlib.AsyncExitStack() as turns:
            for _ in range(passwords.AT_ONCE):
                await turns.enter_async_context(api.resources.passwords._turn)
            waiting = [asyncio.create_task(log_in(api, user, password=one)) for one in (PASSWORD, "wrong")]
            await asyncio.sleep(0.5)
            assert (await api.get("alerts")).status_code == 200
        assert [(await one).status_code for one in waiting] == [200, 401]


async def test_a_cookie_that_came_with_the_login_is_not_the_session_s(
    api: Api, acme: Tenant, session: AsyncSession
) -> None:
    """Fixation: somebody plants a cookie he knows, and waits for its owner to sign in."""
    user = await make_person(session, acme)
    first = await page_of(api, user)
    again = await page_of(api, user, headers={"Cookie": f"{COOKIE}={first.cookie}"})
    assert again.cookie != first.cookie
    planted = await page_of(api, user, headers={"Cookie": f"{COOKIE}=planted"})
    assert planted.cookie != "planted"


async def test_another_site_can_have_nothing_changed(api: Api, acme: Tenant, session: AsyncSession) -> None:
    someone = await make_person(session, acme)
    page, elsewhere = await page_of(api, someone), await page_of(api, someone)
    for headers in (
        {"X-CSRF-Token": ""},
        {"X-CSRF-Token": elsewhere.csrf},
        {"X-CSRF-Token": "x"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://api.evil.example"},
    ):
        reply = await page.post("auth/totp", headers=headers)
        assert (reply.status_code, reply.json()["code"]) == (403, "csrf"), headers
    assert (await page.get("auth/session", headers={"X-CSRF-Token": ""})).status_code == 200
    assert (await page.post("auth/totp", headers={"Origin": "http://api"})).status_code == 200
    user = await make_person(session, acme)
    foreign = await log_in(api, user, headers={"Origin": "https://evil.example"})
    assert (foreign.status_code, foreign.json()["code"]) == (403, "csrf")


@pytest.mark.parametrize(
    "end",
    [
        "UPDATE sessions SET expires_at = now()",
        "UPDATE sessions SET last_used_at = now() - interval '5 hours'",
        "UPDATE sessions SET revoked_at = now()",
        "UPDATE users SET disabled_at = now()",
    ],
)
async def test_a_session_that_ended_is_none(api: Api, acme: Tenant, session: AsyncSession, end: str) -> None:
    user = await make_person(session, acme)
    page = await page_of(api, user)
    assert (await page.get("auth/session")).status_code == 200
    column = "id" if "users" in end else "user_id"
    await session.execute(text(f"{end} WHERE {column} = :user"), {"user": user.id})
    await session.commit()
    reply = await page.get("auth/session")
    assert (reply.status_code, reply.json()["code"]) == (401, "session_ended")


async def test_signing_out_ends_the_session_and_takes_the_cookie(api: Api, acme: Tenant, session: AsyncSession) -> None:
    page = await page_of(api, await make_person(session, acme))
    reply = await page.post("auth/logout")
    assert reply.status_code == 204
    assert SimpleCookie(reply.headers["set-cookie"])[COOKIE]["max-age"] == "0"
    assert (await page.get("auth/session")).status_code == 401


async def test_a_person_ends_their_own_sessions_and_nobody_elses(api: Api, acme: Tenant, session: AsyncSession) -> None:
    user, other = await make_person(session, acme), await make_person(session, acme)
    here, there, theirs = await page_of(api, user), await page_of(api, user), await page_of(api, other)
    listed = (await here.get("auth/sessions")).json()
    assert [one["current"] for one in listed].count(True) == 1
    (elsewhere,) = [one["id"] for one in listed if not one["current"]]
    assert (await theirs.delete(f"auth/sessions/{elsewhere}")).status_code == 404
    assert (await here.delete(f"auth/sessions/{elsewhere}")).status_code == 204
    assert (await there.get("auth/session")).status_code == 401
    assert (await here.get("auth/session")).status_code == 200


async def test_another_password_ends_all_sessions_and_begins_one(api: Api, acme: Tenant, session: AsyncSession) -> None:
    user = await make_person(session, acme)
    page, other = await page_of(api, user), await page_of(api, user)
    wrong = await page.post("auth/password", {"current": "wrong", "new": NEXT})
    weak = await page.post("auth/password", {"current": PASSWORD, "new": "short"})
    same = await page.post("auth/password", {"current": PASSWORD, "new": PASSWORD})
    assert [(one.status_code, one.json()["code"]) for one in (wrong, weak, same)] == [
        (403, "bad_credentials"),
        (422, "weak_password"),
        (422, "same_password"),
    ]
    reply = await page.post("auth/password", {"current": PASSWORD, "new": NEXT})
    assert reply.status_code == 200
    rotated = page_in(api, reply)
    assert [(await one.get("auth/session")).status_code for one in (page, other, rotated)] == [401, 401, 200]
    assert (await log_in(api, user)).status_code == 401
    assert (await log_in(api, user, password=NEXT)).status_code == 200


async def test_who_has_a_password_to_change_can_do_nothing_else(api: Api, acme: Tenant, session: AsyncSession) -> None:
    user = await make_person(session, acme, "admin", must_change_password=True)
    page = await page_of(api, user)
    reply = await page.get("alerts")
    assert (reply.status_code, reply.json()["code"]) == (403, "password_change_needed")
    same = await page.post("auth/password", {"current": PASSWORD, "new": PASSWORD})
    assert (same.status_code, same.json()["code"]) == (422, "same_password"), "who made it still knows it"
    rotated = page_in(api, await page.post("auth/password", {"current": PASSWORD, "new": NEXT}))
    assert (await rotated.get("alerts")).status_code == 200


async def test_an_authenticator_app_from_its_set_up_to_a_lost_telephone(
    api: Api, acme: Tenant, session: AsyncSession
) -> None:
    user = await make_person(session, acme)
    page = await page_of(api, user)
    begun = (await page.post("auth/totp")).json()
    assert begun["uri"].startswith("otpauth://totp/")
    assert (await log_in(api, user)).status_code == 200, "not before it is confirmed"
    app = pyotp.TOTP(begun["secret"])
    assert (await page.post("auth/totp/confirm", {"code": "000000", "password": PASSWORD})).status_code == 403
    confirmed = {"code": app.at(clock.now()), "password": PASSWORD}
    for password, code in ((None, "password_needed"), ("wrong", "bad_credentials")):
        refused = await page.post("auth/totp/confirm", confirmed | {"password": password})
        assert (refused.status_code, refused.json()["code"]) == (403, code)
    codes = (await page.post("auth/totp/confirm", confirmed)).json()["codes"]
    stored = await session.scalar(select(User.totp_secret).where(User.id == user.id))
    assert begun["secret"].encode() not in (stored or b"")
    reply = await log_in(api, user)
    assert (reply.status_code, reply.json()["code"]) == (401, "totp_required")
    replayed = await log_in(api, user, code=confirmed["code"])
    assert (replayed.status_code, replayed.json()["code"]) == (401, "bad_credentials"), "a code is good once"
    following = app.at(clock.now() + timedelta(seconds=totp.STEP_SECONDS))
    assert (await log_in(api, user, code=following)).status_code == 200
    assert (await log_in(api, user, code=following)).status_code == 401
    assert (await log_in(api, user, code=codes[0])).status_code == 200
    assert (await log_in(api, user, code=codes[0])).status_code == 401, "so is a recovery code"
    signed_in = await page_of(api, user, code=codes[1])
    assert (await signed_in.post("auth/totp/remove", {"password": "wrong"})).status_code == 403
    assert (await signed_in.post("auth/totp/remove", {"password": PASSWORD})).status_code == 204
    assert (await log_in(api, user)).status_code == 200


async def test_of_two_logins_at_once_a_code_lets_one_in(api: Api, acme: Tenant, session: AsyncSession) -> None:
    """Whoever watches a code being typed may be faster, and is told from its owner by nothing but the order."""
    user = await make_person(session, acme)
    page, elsewhere = await page_of(api, user), await page_of(api, user)
    app = pyotp.TOTP((await page.post("auth/totp")).json()["secret"])
    confirmed = {"code": app.at(clock.now()), "password": PASSWORD}
    codes = (await page.post("auth/totp/confirm", confirmed)).json()["codes"]
    ended = [(await one.get("auth/session")).status_code for one in (page, elsewhere)]
    assert ended == [200, 401], "sessions that were begun without a code have ended"
    for code in (app.at(clock.now() + timedelta(seconds=totp.STEP_SECONDS)), codes[0]):
        replies = await asyncio.gather(*(log_in(api, user, code=code) for _ in range(2)))
        assert sorted(reply.status_code for reply in replies) == [200, 401]


async def test_a_token_is_no_person(api: Api) -> None:
    for path in ("auth/session", "auth/sessions"):
        reply = await api.get(path)
        assert (reply.status_code, reply.json()["code"]) == (409, "not_a_person")


async def test_an_old_hash_is_made_anew_at_the_next_login(api: Api, acme: Tenant, session: AsyncSession) -> None:
    user = await make_person(session, acme)
    assert (await log_in(api, user)).status_code == 200
    kept = await session.scalar(select(User.password_hash).where(User.id == user.id))
    assert kept is not None
    assert "m=19456,t=2,p=1" in kept
    assert (await log_in(api, user)).status_code == 200


async def test_what_happened_is_in_the_audit(api: Api, acme: Tenant, session: AsyncSession) -> None:
    user = await make_person(session, acme)
    page = await page_of(api, user)
    await page.post("auth/logout")
    rows = (
        await session.scalars(select(AuditEntry).where(AuditEntry.object_id == user.id).order_by(AuditEntry.id))
    ).all()
    assert [row.action for row in rows] == ["user.signed_in", "user.session_ended"]
    assert {(row.actor, row.actor_id, row.address, row.organization_id) for row in rows} == {
        ("user", user.id, "127.0.0.1", acme.id)
    }
    assert all(row.correlation_id for row in rows)
