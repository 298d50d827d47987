"""The client: what counts as the server's state, and what the wire can do to us."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from opensearchpy import AsyncOpenSearch
from opensearchpy.exceptions import ConnectionError as NoConnection
from opensearchpy.exceptions import OpenSearchException, SerializationError, TransportError
from pydantic import SecretStr

from shared.errors import Conflict, Unavailable
from shared.search import client
from shared.search.client import create_client, is_away, is_infrastructure, reaching, what_went_wrong
from shared.settings import OpensearchSettings
from tests.fakes.opensearch import FakeOpenSearch


@asynccontextmanager
async def client_of(url: str, **options: Any) -> AsyncIterator[AsyncOpenSearch]:
    opensearch = create_client(OpensearchSettings(opensearch_url=SecretStr(url)), **options)
    try:
        yield opensearch
    finally:
        await opensearch.close()


# As 2.19 and 3.6 put it.
SHARDS = "this action would add [2] total shards, but this cluster currently has [10]/[10] maximum shards open;"
LOCAL_SHARDS = (
    "this action would add [2] total LOCAL_ONLY shards, "
    "but this cluster currently has [13]/[1] maximum LOCAL_ONLY shards open;"
)


@pytest.mark.parametrize(
    ("status", "kind", "reason"),
    [
        (429, "circuit_breaking_exception", "[parent] Data too large"),
        (
            429,
            "cluster_block_exception",
            "index [x] blocked by: [TOO_MANY_REQUESTS/12/disk usage exceeded flood-stage]",
        ),
        (403, "cluster_block_exception", "index [x] blocked by: [FORBIDDEN/8/index write (api)];"),
        (403, "index_create_block_exception", "blocked by: [FORBIDDEN/10/cluster create-index blocked (api)];"),
        (400, "validation_exception", f"Validation Failed: 1: {SHARDS}"),
        (400, "validation_exception", f"Validation Failed: 1: {LOCAL_SHARDS}"),
        (400, "illegal_argument_exception", SHARDS),
        (400, "index_closed_exception", "closed"),
        (404, "index_not_found_exception", "no such index [x]"),
        (401, "security_exception", ""),
        (500, "already_closed_exception", "this IndexWriter is closed"),
        (500, "", ""),
        (502, "", ""),
        (503, "unavailable_shards_exception", ""),
        (503, "illegal_argument_exception", ""),
    ],
)
def test_the_servers_state_is_not_the_documents_fault(status: int, kind: str, reason: str) -> None:
    assert is_infrastructure(status, kind, reason)


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (400, "mapper_parsing_exception"),
        (400, "strict_dynamic_mapping_exception"),
        (400, "illegal_argument_exception"),
        (404, "document_missing_exception"),
        (413, ""),
        (500, "null_pointer_exception"),
        (500, "class_cast_exception"),
    ],
)
def test_a_documents_fault_is_not_the_servers_state(status: int, kind: str) -> None:
    assert not is_infrastructure(status, kind, "failed to parse field [x]")


@pytest.mark.parametrize("error", [NoConnection("N/A", "", None), SerializationError("x"), Unavailable(), OSError()])
def test_no_or_an_unreadable_answer_is_away(error: Exception) -> None:
    assert is_away(error)


@pytest.mark.parametrize("error", [Conflict(), ValueError(), TransportError(400, "x", {"error": "text"})])
def test_other_errors_are_not_away(error: Exception) -> None:
    assert not is_away(error)


def test_a_url_without_a_host_is_refused() -> None:
    with pytest.raises(ValueError, match="EVENTSEC_OPENSEARCH_URL"):
        create_client(OpensearchSettings(opensearch_url=SecretStr("nonsense")))


async def test_the_login_in_the_url_is_sent() -> None:
    async with FakeOpenSearch() as fake:
        async with client_of(fake.url.replace("//", "//eve:p%40ss@")) as opensearch:
            await opensearch.info()
        assert fake.requests[0].headers["authorization"] == f"Basic {b64encode(b'eve:p@ss').decode()}"


@pytest.mark.parametrize(("loopback", "encoding"), [(("127.0.0.1",), None), ((), "gzip")])
async def test_bodies_are_compressed_unless_the_server_is_on_this_machine(
    monkeypatch: pytest.MonkeyPatch, loopback: tuple[str, ...], encoding: str | None
) -> None:
    monkeypatch.setattr(client, "LOOPBACK", loopback)
    async with FakeOpenSearch() as fake, client_of(fake.url) as opensearch:
        await opensearch.bulk(body=b'{"create":{"_index":"x","_id":"1"}}\n{"a":1}\n')
        assert fake.requests[0].headers.get("content-encoding") == encoding
        assert fake.documents["x", "1"] == (1, b'{"a":1}')


async def test_nobody_listening_is_unavailable_and_says_no_host() -> None:
    async with client_of("http://127.0.0.1:9") as opensearch:
        with pytest.raises(Unavailable) as caught, reaching():
            await opensearch.info()
    assert str(caught.value) == "OpenSearch: no connection"


async def test_a_hanging_server_is_unavailable_after_the_limit() -> None:
    async with FakeOpenSearch() as fake, client_of(fake.url, timeout_seconds=0.2) as opensearch:
        fake.hang()
        async with asyncio.timeout(5):
            with pytest.raises(Unavailable, match="no answer in time"), reaching():
                await opensearch.info()


@pytest.mark.parametrize("body", [b"<html>busy</html>", b'{"half":', b"\xff\xfe"])
async def test_an_answer_that_is_no_json_is_unavailable(body: bytes) -> None:
    async with FakeOpenSearch() as fake, client_of(fake.url) as opensearch:
        fake.answer(200, body=body)
        with pytest.raises(Unavailable), reaching():
            await opensearch.info()


async def test_a_truncated_answer_is_unavailable() -> None:
    async with FakeOpenSearch() as fake, client_of(fake.url) as opensearch:
        fake.truncate()
        with pytest.raises(Unavailable), reaching():
            await opensearch.info()


async def test_nothing_is_sent_twice_by_itself() -> None:
    async with FakeOpenSearch() as fake, client_of(fake.url) as opensearch:
        fake.answer(503, times=5)
        with pytest.raises(Unavailable, match="503"), reaching():
            await opensearch.info()
        assert len(fake.requests) == 1


async def test_a_proxys_odd_error_is_judged_by_its_status() -> None:
    async with FakeOpenSearch() as fake, client_of(fake.url) as opensearch:
        fake.answer(502, body=b"[]")
        with pytest.raises(Unavailable, match="502"), reaching():
            await opensearch.info()


async def test_the_callers_own_mistake_passes_through() -> None:
    async with FakeOpenSearch() as fake, client_of(fake.url) as opensearch:
        fake.answer(400, "parsing_exception", "unknown query [nope]")
        with pytest.raises(OpenSearchException) as caught, reaching():
            await opensearch.search(index="x", body={})
    assert what_went_wrong(caught.value) == "answered 400 parsing_exception"


async def test_a_password_that_changed_is_shown_with_the_next_request() -> None:
    async with FakeOpenSearch() as fake:
        url = fake.url.replace("//", "//eve@")
        settings = OpensearchSettings(opensearch_url=SecretStr(url), opensearch_password=SecretStr("first"))
        opensearch = create_client(settings)
        try:
            await opensearch.info()
            object.__setattr__(settings, "opensearch_password", SecretStr("second"))
            await opensearch.info()
        finally:
            await opensearch.close()
        shown = [request.headers["authorization"] for request in fake.requests]
        assert shown == [f"Basic {b64encode(login).decode()}" for login in (b"eve:first", b"eve:second")]
