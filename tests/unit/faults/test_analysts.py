"""What is made of analysts' notes of their changes."""

from collections import Counter

import pytest

from shared import ids
from tests.faults.analysts import Change, Noted, Outcome, compared, one_history, outcome_of

TAG, NOTE = Change(ids.uuid7(), False), Change(ids.uuid7(), True)


def test_a_history_is_one_when_each_change_begins_where_another_ended() -> None:
    whole = [[[], ["a"]], [["a"], ["a", "b"]], [["b", "a"], ["b"]], [["b"], ["a", "b"]]]
    assert one_history(whole)
    assert one_history([*whole, [["a", "b"], []]]), "back where it began"
    assert not one_history([*whole, [["a"], ["a", "c"]]]), "two of them saw the same alert"


@pytest.mark.parametrize(
    ("status", "outcome"),
    [
        (200, "held"),
        (201, "held"),
        (404, "refused"),
        (412, "refused"),
        (408, "unknown"),
        (500, "unknown"),
        (503, "unknown"),
    ],
)
def test_only_an_answer_says_what_came_of_a_change(status: int, outcome: str) -> None:
    assert outcome_of(status) == outcome


def noted(outcome: Outcome) -> Noted:
    """A tag and a note that ended so."""
    return Noted({"tag": TAG, "note": NOTE}, {"tag": outcome, "note": outcome})


def test_what_was_answered_is_there_once_and_what_was_refused_is_not() -> None:
    both = Counter({("tag", TAG): 1, ("note", NOTE): 1})
    assert compared(noted(Outcome.HELD), both) == []
    assert compared(noted(Outcome.UNKNOWN), both) == []
    assert compared(noted(Outcome.UNKNOWN), Counter()) == []
    assert len(compared(noted(Outcome.HELD), Counter())) == 2
    assert len(compared(noted(Outcome.REFUSED), both)) == 2
    assert len(compared(noted(Outcome.UNKNOWN), both + Counter({("note", NOTE): 1}))) == 1


def test_what_was_seen_or_stored_somebody_did() -> None:
    seen = noted(Outcome.UNKNOWN)
    seen.seen[TAG.alert_id].add("tag")
    assert len(compared(seen, Counter())) == 1
    assert len(compared(Noted(), Counter({("tag", TAG): 1}))) == 1
