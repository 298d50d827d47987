"""Logging that is set up more than once, as a test process does that runs one program after the other."""

import io
import logging
from collections.abc import Iterator

import orjson
import pytest
import structlog

from shared import log


@pytest.fixture(autouse=True)
def _given_back() -> Iterator[None]:
    """Leave logging as it was."""
    root, before = logging.getLogger(), structlog.get_config()
    processors, handlers, level = before["processors"][:], root.handlers[:], root.level
    yield
    before["processors"][:] = processors
    structlog.configure(**before)
    root.handlers[:], root.level = handlers, level


def test_a_logger_that_was_used_follows_the_last_call() -> None:
    logger, first, last = log.get("one"), io.StringIO(), io.StringIO()
    log.configure("first", stream=first)
    logger.info("before")
    log.configure("last", stream=last)
    logger.info("after")
    assert [orjson.loads(line)["process"] for line in (first.getvalue(), last.getvalue())] == ["first", "last"]


def test_what_a_used_logger_says_is_captured_after_another_call() -> None:
    logger = log.get("one")
    log.configure("first", stream=io.StringIO())
    logger.info("before")
    log.configure("last", stream=io.StringIO())
    with structlog.testing.capture_logs() as logged:
        logger.info("after")
    assert [entry["event"] for entry in logged] == ["after"]


def test_what_is_captured_around_the_first_call_stays_so_afterwards() -> None:
    logger = log.get("one")
    with structlog.testing.capture_logs():
        log.configure("first", stream=io.StringIO())
    logger.info("before")
    log.configure("last", stream=io.StringIO())
    with structlog.testing.capture_logs() as logged:
        logger.info("after")
    assert [entry["event"] for entry in logged] == ["after"]
