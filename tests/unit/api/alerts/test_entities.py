"""Which of an alert's values the queue has room for."""

from uuid import UUID

from services.api.alerts.entities import MAX_ENTITIES, Seen, chosen


def seen(place: int, number: int, kind: str = "ip") -> Seen:
    return Seen(UUID(int=1), place, number, kind, f"{place}.{number}")


def test_there_is_one_of_each_before_there_are_more_of_any() -> None:
    many = [seen(place, number) for place in (3, 2, 0) for number in range(MAX_ENTITIES, 0, -1)]
    assert [one.value for one in chosen(many)] == ["0.1", "0.2", "2.1", "2.2", "3.1", "3.2"]


def test_where_there_is_one_kind_it_has_all_the_room() -> None:
    assert [one.number for one in chosen(seen(2, number) for number in range(9, 0, -1))] == [1, 2, 3, 4, 5, 6]
    assert chosen([]) == []


def test_what_stood_in_no_field_has_its_turn_by_its_type() -> None:
    addresses = [seen(4, number) for number in range(1, 10)]
    found = chosen([*addresses, seen(4, 10, "host"), seen(4, 11, "user"), seen(3, 1)])
    assert [one.value for one in found] == ["4.10", "4.11", "4.1", "4.2", "4.3", "3.1"]
