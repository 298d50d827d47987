"""What the proof of people at work makes of what it saw."""

from tests.load.analysts import one_history, verdict


def test_a_history_is_one_when_each_change_begins_where_another_ended() -> None:
    whole = [[[], ["a"]], [["a"], ["a", "b"]], [["b", "a"], ["b"]], [["b"], ["a", "b"]]]
    assert one_history(whole)
    assert one_history([*whole, [["a", "b"], []]]), "back where it began"
    assert not one_history([*whole, [["a"], ["a", "c"]]]), "two of them saw the same alert"


def test_what_does_not_hold_is_named() -> None:
    hot = dict.fromkeys(
        ("count_is_events", "revision_is_edits", "tags_are_the_last", "entries_are_edits", "one_history"), True
    ) | {"late_without_an_edit": 0, "other_replies": 0, "differ": 0}
    assert verdict({"hot": hot}) == []
    assert verdict({"hot": hot | {"one_history": False}}) == ["hot: one_history"]
    assert len(verdict({"hot": hot | {"differ": 1, "other_replies": 1}})) == 2
    bulk = {"job": "done", "preview": 3, "done": 2, "skipped": 1, "undone": 1, "undo_skipped": 1,
            "counts_are_events": True, "heard_of_progress": 4}  # fmt: skip
    assert verdict({"bulk": bulk}) == []
    assert verdict({"bulk": bulk | {"undone": 0}}) == ["bulk: undoing left something out"]
    stream = {"p95_ms": 400, "told_to_strangers": 0, "ended_after_seconds": 1.0}
    assert verdict({"stream": stream}) == []
    assert verdict({"stream": stream | {"told_to_strangers": 1}})
