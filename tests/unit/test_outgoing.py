"""Which addresses are called, and that the one called is the one that was judged."""

import asyncio
import contextlib
import ssl
import threading
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address, ip_network
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from shared import outgoing
from shared.outgoing import Guarded, NotAllowed, TooLong, may_reach

LOOPBACK = [ip_network("127.0.0.0/8")]
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"


@pytest.mark.parametrize(
    "address",
    [
        "0.0.0.0", "10.1.2.3", "100.64.0.1", "100.100.100.200", "127.0.0.1", "127.255.0.9", "168.63.129.16",
        "169.254.169.254", "172.16.0.1", "172.31.255.255", "192.0.0.1", "192.0.2.1", "192.88.99.1", "192.168.0.1",
        "198.18.0.1", "198.51.100.1", "203.0.113.1", "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "::127.0.0.1", "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
        "64:ff9b::7f00:1", "64:ff9b::a9fe:a9fe", "64:ff9b:1::1", "100::1", "2001::1", "2001:db8::1", "2002:7f00:1::",
        "fc00::1", "fd00:ec2::254", "fe80::1", "fe80::1%eth0", "fec0::1", "ff02::1",
    ],
)  # fmt: skip
def test_an_address_that_is_not_public_is_refused(address: str) -> None:
    assert not may_reach(ip_address(address))


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1", "8.8.8.8", "172.15.0.1", "172.32.0.1", "100.63.0.1", "100.128.0.1", "169.253.0.1", "223.255.255.1",
        "2606:4700::1", "2a00:1450::1", "::ffff:8.8.8.8", "64:ff9b::808:808",
    ],
)  # fmt: skip
def test_a_public_address_is_reached(address: str) -> None:
    assert may_reach(ip_address(address))


def test_what_the_settings_allow_is_reached_whichever_way_it_is_written() -> None:
    allow = [ip_network("10.1.0.0/16")]
    assert may_reach(ip_address("10.1.2.3"), allow)
    assert may_reach(ip_address("::ffff:10.1.2.3"), allow)
    assert not may_reach(ip_address("10.2.0.1"), allow)


async def test_the_address_called_is_the_one_that_was_judged() -> None:
    asked: list[str] = []

    async def rebinding(host: str, _: int) -> Sequence[str]:
        asked.append(host)
        return ["127.0.0.2"] if len(asked) == 1 else ["127.0.0.1"]

    async with _server("127.0.0.2", OK) as (port, heard):
        allow = [ip_network("127.0.0.2/32")]
        async with httpx.AsyncClient(transport=Guarded(allow, 5, resolve=rebinding)) as client:
            reply = await client.get(f"http://rebinding.test:{port}/x")
            assert reply.text == "ok"
            with pytest.raises(NotAllowed):  # the next call judges the next answer
                await client.get(f"http://rebinding.test:{port}/x")
    assert asked == ["rebinding.test"] * 2
    assert f"Host: rebinding.test:{port}".encode() in heard[0]


async def test_names_that_nobody_answers_for_take_no_thread_from_others(monkeypatch: pytest.MonkeyPatch) -> None:
    answers = threading.Event()
    monkeypatch.setattr("socket.getaddrinfo", lambda *_, **__: answers.wait(20) and [])
    asked = [asyncio.create_task(outgoing.resolve("slow.example", 443)) for _ in range(64)]
    try:
        await asyncio.sleep(0.1)
        async with asyncio.timeout(5):
            assert await asyncio.to_thread(lambda: "at work") == "at work"
    finally:
        answers.set()
        await asyncio.gather(*asked)


async def test_names_of_one_organization_leave_threads_to_the_others() -> None:
    answered = asyncio.Event()
    asked: list[str] = []

    async def slow(host: str, _: int) -> Sequence[str]:
        asked.append(host)
        if host == "slow.example":
            await answered.wait()
        return ["127.0.0.1"]

    transport = Guarded([], 0.2, resolve=slow)

    async def call(host: str, organization: int) -> Exception | None:
        try:
            await client.get(f"https://{host}/", extensions={outgoing.ORGANIZATION: organization})
        except httpx.TransportError as error:
            return error
        return None

    async with httpx.AsyncClient(transport=transport) as client:
        for _ in range(2):  # who gave up waiting gave no thread back
            ended = await asyncio.gather(*(call("slow.example", 1) for _ in range(10)))
            assert {type(one) for one in ended} == {httpx.ReadTimeout}
        assert asked == ["slow.example"] * outgoing.LOOKUPS
        assert isinstance(await call("other.example", 2), NotAllowed)
        answered.set()
        await asyncio.sleep(0.05)
        assert isinstance(await call("other.example", 1), NotAllowed)


async def test_an_address_that_is_down_leaves_the_next_one() -> None:
    async with _server("127.0.0.2", OK) as (port, _):
        transport = Guarded(LOOPBACK, 5, resolve=_answers("127.0.0.3", "127.0.0.2"))
        async with httpx.AsyncClient(transport=transport) as client:
            assert (await client.post(f"http://two.test:{port}/", content=b"body")).status_code == 200


async def test_an_inner_address_among_public_ones_is_never_called() -> None:
    async with _server("127.0.0.1", OK) as (port, heard):
        transport = Guarded([], 0.5, resolve=_answers("127.0.0.1", "::ffff:127.0.0.1"))
        async with httpx.AsyncClient(transport=transport) as client:
            with pytest.raises(NotAllowed):
                await client.get(f"https://mixed.test:{port}/")
    assert not heard


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "2130706433", "0x7f000001", "[::1]", "[::ffff:7f00:1]"])
async def test_loopback_is_refused_however_it_is_written(host: str) -> None:
    async with outgoing.client([], 2) as client:
        with pytest.raises((NotAllowed, httpx.ConnectError)):
            await client.get(f"https://{host}:1/")


@pytest.mark.parametrize("url", ["http://8.8.8.8/", "http://one.one.one.one.test/"])
async def test_without_tls_only_what_is_allowed_is_called(url: str) -> None:
    async with httpx.AsyncClient(transport=Guarded(LOOPBACK, 1, resolve=_answers("8.8.8.8"))) as client:
        with pytest.raises(NotAllowed, match="without TLS"):
            await client.get(url)


async def test_a_redirect_is_an_answer_not_an_order() -> None:
    moved = b"HTTP/1.1 302 Found\r\nLocation: http://169.254.169.254/\r\nContent-Length: 0\r\n\r\n"
    async with _server("127.0.0.1", moved) as (port, _), outgoing.client(LOOPBACK, 2) as client:
        assert (await client.get(f"http://127.0.0.1:{port}/")).status_code == 302


@pytest.mark.parametrize(
    "answer",
    [
        b"HTTP/1.1 200 OK\r\nContent-Length: 2000000\r\n\r\n" + bytes(2_000_000),
        b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\nok",
    ],
)
async def test_a_long_or_packed_answer_is_not_read(answer: bytes) -> None:
    async with _server("127.0.0.1", answer) as (port, _), outgoing.client(LOOPBACK, 5) as client:
        with pytest.raises(TooLong):
            await client.get(f"http://127.0.0.1:{port}/")


async def test_an_answer_that_drips_ends_with_the_time_of_the_whole_call() -> None:
    begun = b"HTTP/1.1 200 OK\r\nContent-Length: 90\r\n\r\n"
    async with _server("127.0.0.1", begun, drip=b"x") as (port, _), outgoing.client(LOOPBACK, 0.4) as client:
        with pytest.raises(httpx.ReadTimeout):
            await client.get(f"http://127.0.0.1:{port}/")


async def test_tls_proves_the_name_and_not_the_address(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    context = _certified("hook.test", tmp_path)
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "cert.pem"))
    transport = Guarded(LOOPBACK, 5, resolve=_answers("127.0.0.2"))
    async with (
        _server("127.0.0.2", OK, context=context) as (port, heard),
        httpx.AsyncClient(transport=transport) as client,
    ):
        assert (await client.get(f"https://hook.test:{port}/")).text == "ok"
        with pytest.raises(httpx.ConnectError, match=r"(?i)hostname"):
            await client.get(f"https://other.test:{port}/")
    assert len(heard) == 1


def _certified(name: str, folder: Path) -> ssl.SSLContext:
    """A server's side of TLS, with a certificate for that name that `cert.pem` vouches for."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(hours=1))
        .not_valid_after(now + timedelta(hours=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    (folder / "cert.pem").write_bytes(certificate.public_bytes(Encoding.PEM))
    (folder / "key.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(folder / "cert.pem", folder / "key.pem")
    return context


def _answers(*addresses: str) -> outgoing.Resolve:
    async def resolve(_: str, __: int) -> Sequence[str]:
        return addresses

    return resolve


@contextlib.asynccontextmanager
async def _server(
    address: str, answer: bytes, *, drip: bytes = b"", context: ssl.SSLContext | None = None
) -> AsyncIterator[tuple[int, list[bytes]]]:
    """A port that answers each connection with these bytes, and what it heard."""
    heard: list[bytes] = []
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            heard.append(await reader.readuntil(b"\r\n\r\n"))
            writer.write(answer)
            await writer.drain()
            while drip and not writer.is_closing():
                await asyncio.sleep(0.05)
                writer.write(drip)
                await writer.drain()
        writer.close()

    server = await asyncio.start_server(serve, address, 0, ssl=context)
    try:
        yield server.sockets[0].getsockname()[1], heard
    finally:
        server.close()
        for writer in writers:
            writer.close()
            with contextlib.suppress(OSError):
                await writer.wait_closed()
