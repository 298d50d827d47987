"""One log pipeline for our own and foreign records; JSON for machines, console for people."""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any, TextIO

import orjson
import structlog
from structlog.typing import Processor

Logger = structlog.stdlib.BoundLogger

# Libraries that print a traceback at every reconnect; our own records already say that a server is away.
_CHATTY = ("aio_pika", "aiormq", "opensearch", "asyncio", "aiohttp")


def get(name: str) -> Logger:
    """A logger; events are constant names (`envelope_published`), ids are fields."""
    return structlog.stdlib.get_logger(name)


def configure(process: str, *, log_format: str = "auto", level: str = "INFO", stream: TextIO | None = None) -> None:
    """Set up logging for this process, before anything logs. Writes to standard output, or to `stream`.

    `process` is put on every record. `log_format` is auto, json or console. The last call is what holds.
    """
    stream = stream or sys.stdout
    as_json = log_format == "json" or (log_format == "auto" and not stream.isatty())
    shared: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_log_level,
        structlog.stdlib.add_logger_name,
        structlog.processors.TimeStamper(fmt="iso", utc=True, key="timestamp"),
        _named(process),
    ]
    rendering: list[Processor] = (
        [_tracebacks(), structlog.processors.JSONRenderer(serializer=_dumps)]
        if as_json
        else [structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)]
    )
    # In place: a logger keeps the list it first logged with, and would follow neither us nor who captures logs.
    processors = structlog.get_config()["processors"]
    processors[:] = [*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter]
    structlog.configure(
        processors=processors,
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *rendering],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    for name in _CHATTY:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    for name in ("uvicorn", "uvicorn.error", "uvicorn.access"):
        logging.getLogger(name).handlers[:] = []
        logging.getLogger(name).propagate = name != "uvicorn.access"


def _tracebacks() -> Processor:
    """Tracebacks as data, without local variables: those hold keys and passwords."""
    transform = structlog.tracebacks.ExceptionDictTransformer(show_locals=False)
    return structlog.processors.ExceptionRenderer(transform)


def _named(process: str) -> Processor:
    def name(_: Any, __: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
        event["process"] = process
        return event

    return name


def _dumps(value: Any, **_: Any) -> str:
    return orjson.dumps(value, default=str, option=orjson.OPT_NON_STR_KEYS).decode()
