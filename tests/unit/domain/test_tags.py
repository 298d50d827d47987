"""Tags: which are the same, and how many there may be."""

import pytest

from shared.domain.tags import MAX_TAGS, tagged
from shared.errors import Invalid


def test_tags_are_added_once_and_taken_off() -> None:
    assert tagged(["a", "b"], ["b", "c", "c"], ["a"]) == ["b", "c"]
    with pytest.raises(Invalid) as error:
        tagged([str(one) for one in range(MAX_TAGS)], ["x"], [])
    assert error.value.code == "too_many_tags"


def test_tags_that_differ_in_case_are_one_as_it_was_first_written() -> None:
    assert tagged(["Spray"], ["spray", "SPRAY", "Straße", "STRASSE"], []) == ["Spray", "Straße"]
    assert tagged(["Spray", "mail"], [], ["sPRAY"]) == ["mail"]
