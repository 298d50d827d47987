"""What a proposed suppression says: in words as far as its events agree, and never more than the alert."""

from typing import Any

from services.api.alerts.proposal import scope
from services.api.suppressions.dry_run import covers_critical
from services.api.suppressions.service import read
from shared.query.to_predicate import compile_predicate

FINGERPRINT = bytes(range(16))
KEY = FINGERPRINT.hex()
GROUPING = "suricata_eve@1"


def document(**more: Any) -> dict[str, Any]:
    event: dict[str, Any] = {
        "alert": {"fingerprint": KEY, "severity_id": 3},
        "rule": {"id": "2001"},
        "source": {"ip": "10.0.0.5"},
        "destination": {"ip": "10.0.0.9", "port": 443},
    }
    event["alert"]["grouping"] = GROUPING
    return event | more


def test_rule_and_entity_are_said_in_words_and_the_key_binds_them() -> None:
    query = scope([document(), document()], FINGERPRINT, 3)
    words = 'rule.id:"2001" AND source.ip:"10.0.0.5" AND destination.ip:"10.0.0.9" AND destination.port:"443"'
    assert query == f"{words} AND severity:<=medium AND fingerprint:{KEY}"
    assert compile_predicate(read(query))(document())


def test_it_hides_no_other_key_and_nothing_more_severe_than_what_was_judged() -> None:
    hides = compile_predicate(read(scope([document()], FINGERPRINT, 3)))
    other = {"fingerprint": "00" * 16, "severity_id": 3, "grouping": GROUPING}
    assert not hides(document(alert=other))
    assert not hides(document(alert=other | {"fingerprint": KEY, "severity_id": 4}))
    assert not covers_critical(read(scope([document()], FINGERPRINT, 4)))


def test_what_events_do_not_agree_on_or_no_query_can_say_is_left_to_the_key() -> None:
    events = [document(), document(source={"ip": "10.0.0.6"}, rule={"id": "a\nb"}, destination={"ip": ["::1", "::2"]})]
    query = scope(events, FINGERPRINT, 3)
    assert query == f"severity:<=medium AND fingerprint:{KEY}"
    one = scope([events[1]], FINGERPRINT, 3)
    assert one == f'source.ip:"10.0.0.6" AND severity:<=medium AND fingerprint:{KEY}'
    assert compile_predicate(read(one))(events[1])


def test_values_with_a_meaning_in_queries_mean_themselves() -> None:
    rule = {"id": 'x" OR rule.id:* \\'}
    hides = compile_predicate(read(scope([document(rule=rule)], FINGERPRINT, 3)))
    assert hides(document(rule=rule))
    assert not hides(document(rule={"id": "y"}))


def test_of_events_that_are_gone_or_of_an_unknown_grouping_the_key_is_left() -> None:
    only = f"severity:<=medium AND fingerprint:{KEY}"
    assert scope([], FINGERPRINT, 3) == scope([{}], FINGERPRINT, 3) == only
    unknown = {"fingerprint": KEY, "severity_id": 3, "grouping": "newer@9"}
    assert scope([document(alert=unknown)], FINGERPRINT, 3) == f'rule.id:"2001" AND {only}'
