"""The brake stops a defect that hits everybody, and only that."""

from uuid import UUID

from services.indexer.brake import Failures, Window

ONE, TWO = UUID(int=1), UUID(int=2)


def batch(events: int, broken: int = 0, sensors: tuple[UUID, ...] = (ONE, TWO)) -> Failures:
    return Failures(events, tuple(sensors[n % len(sensors)] for n in range(broken)))


def test_fifty_of_a_thousand_is_not_over_five_per_cent() -> None:
    assert not Window().blocks(batch(1000, 50))
    assert Window().blocks(batch(1000, 51))


def test_fewer_than_fifty_never_brake() -> None:
    assert not Window().blocks(batch(60, 49))
    assert Window().blocks(batch(60, 50))


def test_one_broken_sensor_must_not_stop_the_others() -> None:
    assert not Window().blocks(batch(100, 100, sensors=(ONE,)))


def test_batches_add_up_over_the_last_thousand_events() -> None:
    window = Window()
    for _ in range(3):
        window.remember(batch(100, 15))
    assert window.blocks(batch(100, 15))
    for _ in range(10):
        window.remember(batch(100))
    assert not window.blocks(batch(100, 15))


def test_a_release_starts_afresh() -> None:
    window = Window()
    window.remember(batch(500, 49))
    window.forget()
    assert not window.blocks(batch(100, 40))
