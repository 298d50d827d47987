"""Every place a sender may put its key."""

import base64

import pytest

from services.api.auth import credentials
from services.ingest.credentials import key_of, shown_of
from services.ingest.refusals import Refused
from services.ingest.routes import HOOK

KEY = "evs_abc-DEF_123"


def pair(text: str) -> bytes:
    return base64.b64encode(text.encode())


@pytest.mark.parametrize(
    ("authorization", "x_api_key"),
    [
        (f"Bearer {KEY}".encode(), None),
        (f"bEARER  {KEY} ".encode(), None),
        (b"ApiKey " + pair(f"some-id:{KEY}"), None),
        (b"APIKey " + pair(f":{KEY}"), None),
        (b"ApiKey " + pair(f"id:{KEY}").rstrip(b"="), None),
        (f"ApiKey {KEY}".encode(), None),
        (b"Basic " + pair(f"user:{KEY}"), None),
        (None, KEY.encode()),
        (b"Digest whatever", KEY.encode()),
    ],
)
def test_forms(authorization: bytes | None, x_api_key: bytes | None) -> None:
    assert key_of(authorization, x_api_key) == KEY


@pytest.mark.parametrize(
    ("authorization", "x_api_key"),
    [
        (None, None), (b"", b""), (b"Bearer", None), (b"Bearer ", None), (b"Digest x", None), (KEY.encode(), None),
        (b"Basic " + KEY.encode(), None), (b"Basic " + pair("no colon"), None), (b"Basic " + pair("user:"), None),
        (b"Bearer " + b"x" * 513, None), (b"\xff\xfe", None),
    ],
)  # fmt: skip
def test_nothing_usable(authorization: bytes | None, x_api_key: bytes | None) -> None:
    with pytest.raises(Refused) as raised:
        key_of(authorization, x_api_key)
    assert raised.value.code == "no_key"
    assert HOOK in str(raised.value), "a sender that can set no header has a way too"


def test_of_a_key_of_ours_as_much_is_told_as_lists_show() -> None:
    for word in (credentials.SENSOR_KEY, credentials.TOKEN):
        made = credentials.make(word)
        assert shown_of(made.secret) == made.prefix


@pytest.mark.parametrize("text", ["", "hunter2", "evs_hunter2hunter2", "evs_" + "é" * 43, "evs_" + "a" * 42 + "\n"])
def test_of_what_may_be_a_password_nothing_is_told(text: str) -> None:
    assert shown_of(text) is None
