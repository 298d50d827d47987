"""What the proofs of people at work make of what they saw."""

from typing import Any

from tests.load.analysts import bulk, hot, stream, suppress


def test_what_does_not_hold_is_named() -> None:
    edits = dict.fromkeys(hot.HOLDS, True) | {"late_without_an_edit": 0}
    assert hot.wrong(edits) == []
    assert hot.wrong(edits | {"one_history": False}) == ["one_history"]
    assert hot.wrong(edits | {"late_without_an_edit": 1})
    closed = {"job": "done", "preview": 3, "done": 2, "skipped": 1, "undone": 1, "undo_skipped": 1,
              "counts_are_events": True, "heard_of_progress": 4}  # fmt: skip
    assert bulk.wrong(closed) == []
    assert bulk.wrong(closed | {"undone": 0}) == ["undoing left something out"]
    heard = {"p95_ms": 400, "told_to_strangers": 0, "exited_after_seconds": 1.0}
    assert stream.wrong(heard) == []
    assert stream.wrong(heard | {"told_to_strangers": 1})
    assert stream.wrong(heard | {"p95_ms": 600})


def test_a_suppression_hides_all_that_matches_and_nothing_else() -> None:
    held: dict[str, Any] = {
        "dry_run": {"events": 150, "alerts": 3},
        "sent_in_time": True,
        "hidden": {"suppression": 150, "window": 50},
        "alerts_hidden": {"suppression": 3, "window": 1},
        "astray": 0,
        "counts_are_events": True,
    }
    assert suppress.wrong(held) == []
    for other in (
        {"astray": 1},
        {"hidden": {"suppression": 149, "window": 50}},
        {"dry_run": {"events": 1, "alerts": 3}},
    ):
        assert suppress.wrong(held | other)
