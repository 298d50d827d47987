"""What signing in stands on: one-time codes, pauses of who guesses, passwords, and the proof against other sites."""

from datetime import UTC, datetime, timedelta

import pyotp
import pytest

from services.api import passwords
from services.api.auth import sessions, throttle, totp
from services.api.passwords import Passwords, WeakPassword

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
STEP = timedelta(seconds=totp.STEP_SECONDS)
SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


def code_at(moment: datetime) -> str:
    return pyotp.TOTP(SECRET).at(moment)


def test_the_code_of_rfc_6238() -> None:
    # Appendix B: the secret is the ASCII of 1234567890 twice; at 1111111109 the eight digits are 07081804.
    secret, moment = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ", datetime.fromtimestamp(1111111109, UTC)
    assert totp.step_of(secret, "081804", now=moment, after=0) == 1111111109 // 30


def test_a_code_is_good_a_step_around_its_own_and_once() -> None:
    step = totp.step_of(SECRET, code_at(NOON), now=NOON, after=0)
    assert step is not None
    for late in (-STEP, STEP):
        assert totp.step_of(SECRET, code_at(NOON), now=NOON + late, after=0) == step
    for too_late in (-2 * STEP, 2 * STEP):
        assert totp.step_of(SECRET, code_at(NOON), now=NOON + too_late, after=0) is None
    assert totp.step_of(SECRET, code_at(NOON), now=NOON, after=step) is None
    assert totp.step_of(SECRET, code_at(NOON - STEP), now=NOON, after=step) is None
    assert totp.step_of(SECRET, "000000x", now=NOON, after=0) is None
    assert totp.step_of(SECRET, "１２３４５６", now=NOON, after=0) is None, "digits, but not the app's"


def test_a_recovery_code_is_good_once_however_it_is_typed() -> None:
    codes = totp.make_recovery_codes()
    hashes = [totp.recovery_hash(code) for code in codes]
    assert len(set(codes)) == totp.RECOVERY_CODES
    left = totp.without(hashes, f" {codes[3].upper()} ")
    assert left is not None
    assert len(left) == totp.RECOVERY_CODES - 1
    assert totp.without(left, codes[3]) is None
    assert totp.without(hashes, "") is None


def test_who_guesses_waits_ever_longer_and_nobody_is_locked_out_for_long() -> None:
    pauses = [throttle.pause_after("account", failures).total_seconds() for failures in range(1, 13)]
    assert pauses == [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 60, 60]
    assert throttle.pause_after("address", 19).total_seconds() == 0
    assert throttle.pause_after("address", 10_000) == timedelta(minutes=15)


def test_an_account_is_one_wherever_somebody_comes_from() -> None:
    assert throttle.keys_of("ann@example.org", "a")["account"] == throttle.keys_of("ann@example.org", "b")["account"]
    assert len({*throttle.keys_of("a", "a").values()}) == 2


@pytest.mark.parametrize(
    ("one", "another", "same"),
    [
        ("2001:db8:0:1::1", "2001:db8:0:1:ffff::2", True),
        ("2001:db8:0:1::1", "2001:db8:0:2::1", False),
        ("::ffff:192.0.2.1", "192.0.2.1", True),
        ("192.0.2.1", "192.0.2.2", False),
        ("unknown", "elsewhere", False),
    ],
)
def test_an_ipv6_address_is_counted_with_its_network(one: str, another: str, same: bool) -> None:
    assert (throttle.keys_of(None, one) == throttle.keys_of(None, another)) is same


@pytest.mark.parametrize(
    "password", ["short", "ann@example.org", "aaaaaaaaaaaaaaa", "x" * 257, "abababababab", "a\0" * 9]
)
def test_weak_passwords_are_refused(password: str) -> None:
    with pytest.raises(WeakPassword):
        passwords.refuse_weak(password, email="ann@example.org")


async def test_passwords_are_hashed_and_verified() -> None:
    them = Passwords()
    known = await them.hash("correct horse battery")
    assert known.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert await them.verify("correct horse battery", known)
    assert not await them.verify("correct horse batter", known)
    assert not await them.verify("correct horse battery", None)
    assert not await them.verify("nobody's", None)
    assert not await them.verify("x", "no hash at all")
    assert not passwords.is_outdated(known)


def test_the_proof_of_a_session_is_its_own() -> None:
    assert sessions.is_csrf("one", sessions.csrf_of("one"))
    assert not sessions.is_csrf("one", sessions.csrf_of("two"))
    assert not sessions.is_csrf("one", None)
    assert not sessions.is_csrf("one", "ü")
