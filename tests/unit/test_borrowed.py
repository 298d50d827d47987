"""Who ends the servers; with a directory where none was started, since that is not what differs."""

import asyncio
import os
import signal
from pathlib import Path

from tests import borrowed


def ours(directory: Path) -> bool:
    return (directory / "started-by-tests").exists()


def test_who_found_nothing_running_ends_it(tmp_path: Path) -> None:
    with borrowed.stack(tmp_path):
        assert ours(tmp_path)
    assert not ours(tmp_path)


def test_the_last_of_two_ends_it(tmp_path: Path) -> None:
    first, second = borrowed.stack(tmp_path), borrowed.stack(tmp_path)
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert ours(tmp_path)
    second.__exit__(None, None, None)
    assert not ours(tmp_path)


def test_what_a_killed_run_left_is_ended_by_the_next(tmp_path: Path) -> None:
    (tmp_path / "started-by-tests").touch()
    with borrowed.stack(tmp_path):
        pass
    assert not ours(tmp_path)


def test_a_command_that_is_told_to_end_puts_things_right_first() -> None:
    righted = []

    async def main() -> int:
        async with asyncio.TaskGroup() as group:
            waiting = group.create_task(asyncio.sleep(30))
            try:
                os.kill(os.getpid(), signal.SIGTERM)
                await waiting
            finally:
                await asyncio.sleep(0)
                righted.append(True)
        return 0

    assert borrowed.run(main()) == 130
    assert righted
