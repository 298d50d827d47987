"""Text lines: times at the start, syslog's header without its priority, and lines with neither."""

from datetime import UTC, datetime

from tests.unit.normalise.given import RECEIVED_AT, at, event, lines

ISO, RFC3164, BRACKETS, WORDS = lines("text.log")


def test_a_time_at_the_start() -> None:
    found = event(ISO)
    assert (found.kind, found.title) == ("telemetry", "app started in 35 ms")
    assert found.time.isoformat() == "2026-11-20T14:00:00.500000+00:00"
    assert at(found, "message") == ISO.decode()
    assert at(found, "sensor") is None


def test_a_time_in_brackets_and_the_sensors_zone() -> None:
    assert event(BRACKETS).time.isoformat() == "2026-11-20T13:00:03.250000+00:00"


def test_rfc3164_has_a_time_that_is_for_people_and_an_id_without_one() -> None:
    found = event(RFC3164)
    assert found.title == "(root) CMD (run 5)"
    assert found.time.isoformat() == "2026-11-20T13:00:02+00:00"
    assert (found.id.int >> 80, found.twin_id) == (0, None)
    years_later = event(RFC3164, received_at=datetime(2031, 1, 1, tzinfo=UTC))
    assert years_later.id == found.id
    assert years_later.time.year == 2030


def test_the_29th_of_february_is_in_the_last_leap_year() -> None:
    assert event(b"Feb 29 10:00:00 gate-1 x: y").time.year == 2024


def test_words_alone() -> None:
    found = event(WORDS)
    assert (found.time, found.id.version) == (RECEIVED_AT, 7)
    assert event(WORDS, idempotency=("k", 3)).id == event(WORDS, idempotency=("k", 3)).id


def test_equal_lines_are_told_apart_by_their_ordinal() -> None:
    assert event(ISO, ordinal=0).id != event(ISO, ordinal=1).id


def test_lines_of_one_template_have_one_fingerprint() -> None:
    assert event(ISO).fingerprint == event(ISO.replace(b"35 ms", b"36 ms")).fingerprint


def test_the_hint_text_keeps_what_other_formats_would_read() -> None:
    found = event(b"<34>Nov 20 14:00:02 gate-2 CEF:0|Example|Guard|1|1|Scan|9|", hint="text")
    assert (found.module, found.severity) == ("text", 5)
    assert at(found, "host.name") == "gate-2"


def test_the_hint_text_takes_json_as_words() -> None:
    assert event(b'{"a":1}', hint="text").title == '{"a":1}'
