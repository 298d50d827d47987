"""Every text that a body can hold: what Postgres cannot keep is refused at the door, and is no mistake of ours."""

from collections.abc import Iterator
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

import pytest
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import BaseModel, SecretStr, TypeAdapter, ValidationError

from services.api.app import create_app

# Kept as bytes, or not at all.
NOT_TEXT = {f"{one}.{name}" for one in ("Mended", "RecordUpdate") for name in ("text", "base64")} | {
    "RecordTrial.record",
    "UnregisteredTrial.record",
}


def bodies() -> Iterator[Any]:
    """What each route takes as its body."""
    for context in iter_route_contexts(create_app().routes):
        if isinstance(route := context.original_route, APIRoute):
            for field in route.dependant.body_params:
                yield field.field_info.annotation


def texts(place: str, annotation: Any, metadata: tuple[Any, ...] = ()) -> Iterator[tuple[str, Any]]:
    """Each text in a type, with its rules."""
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin is Annotated:
        yield from texts(place, inner[0], (*inner[1:], *metadata))
    elif origin in (Union, UnionType):
        for one in inner:
            yield from texts(place, one, metadata)
    elif annotation in (str, SecretStr):
        yield place, Annotated[(annotation, *metadata)] if metadata else annotation
    elif isinstance(annotation, type) and issubclass(annotation, BaseModel):
        for name, field in annotation.model_fields.items():
            yield from texts(f"{annotation.__name__}.{name}", field.annotation, tuple(field.metadata))
    elif origin is not None:
        for one in inner:
            yield from texts(place, one)


FOUND = dict(found for body in bodies() for found in texts("", body) if found[0] not in NOT_TEXT)


@pytest.mark.parametrize("place", sorted(FOUND))
def test_no_text_that_is_kept_holds_what_postgres_cannot_keep(place: str) -> None:
    adapter: TypeAdapter[str] = TypeAdapter(FOUND[place])
    of_all_lengths = ("\0" * length for length in (1, 3, 5, 9, 20, 40, 100))
    for text in (*of_all_lengths, "a\0@example.org", "https://x/\0", "x" * 9 + "\ud800"):
        with pytest.raises(ValidationError):
            adapter.validate_python(text)


def test_the_texts_are_found() -> None:
    assert {"SuppressionCreate.reason", "Closing.note", "BulkRequest.query", "ViewCreate.columns"} <= set(FOUND)
    assert len(FOUND) > 40
