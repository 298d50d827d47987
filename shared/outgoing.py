"""Calls to URLs that people configured: only to addresses anybody may reach, unless the settings allow more.

The name is resolved once, every address is judged, and the connection goes to a judged one: a second answer of the
DNS, as in rebinding, is never asked for. TLS still proves the name.
"""

import asyncio
import socket
from collections.abc import Awaitable, Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from weakref import WeakValueDictionary

import httpx

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network
Resolve = Callable[[str, int], Awaitable[Sequence[str]]]

MAX_RESPONSE = 1 << 20
"""Bytes of a response that are read; a longer one is an error."""

# Threads of their own: one that asks a name server that does not answer outlives whoever waited for it, and with the
# loop's own it would be those that the process works with.
_RESOLVERS = ThreadPoolExecutor(16, thread_name_prefix="resolve")
LOOKUPS = 2
"""Names that are looked up at once for one organization, so that those it gave leave threads to the others."""
ORGANIZATION = "organization_id"
"""The extension of a request (httpx) that says whose URL it is."""

_MAPPED = IPv6Network("::ffff:0:0/96")
_NAT64 = IPv6Network("64:ff9b::/96")
# What `ipaddress` calls global, and is not another party's: tunnels into v4, and Azure's own host agent.
_REFUSED = tuple(map(ip_network, ("2001::/32", "2002::/16", "192.88.99.0/24", "168.63.129.16/32")))


class NotAllowed(httpx.TransportError):
    """The URL leads to where we do not call: another scheme, or an address that is not public nor allowed."""


class TooLong(httpx.TransportError):
    """The response is longer than anything we expect, or packed."""


def client(allow: Sequence[Network], timeout: float) -> httpx.AsyncClient:
    """A client for such calls; `timeout` seconds are for one whole call, `allow` are networks it may also reach.

    Redirects are not followed, proxies and cookies of the environment are not used. What it raises is an
    httpx.HTTPError, NotAllowed and TooLong among them.
    """
    return httpx.AsyncClient(transport=Guarded(allow, timeout), timeout=timeout, trust_env=False)


def may_reach(address: Address, allow: Sequence[Network] = ()) -> bool:
    """True for an address in one of these networks, or one that is public, whichever way it is written."""
    inner = embedded(address)
    return is_allowed(inner, allow) or is_allowed(address, allow) or is_public(inner)


def reachable(url: httpx.URL, found: Sequence[Address], allow: Sequence[Network]) -> list[Address]:
    """Those addresses of the URL's host that may be called. Raises NotAllowed where none may."""
    if url.scheme not in ("https", "http"):
        raise NotAllowed("only https is called")
    left = [one for one in found if may_reach(one, allow)]
    if not left:
        raise NotAllowed(f"{url.host} is at no public address, nor at one of EVENTSEC_OUTGOING_ALLOW")
    if url.scheme == "http":
        left = [one for one in left if is_allowed(embedded(one), allow)]
        if not left:
            raise NotAllowed("without TLS only addresses of EVENTSEC_OUTGOING_ALLOW are called")
    return left


def refuse_literal(text: str, allow: Sequence[Network] = ()) -> None:
    """Raises NotAllowed for a URL with an address in it that is not called; a name is judged when it is called."""
    url = httpx.URL(text)
    try:
        address = ip_address(url.host)
    except ValueError:
        return
    reachable(url, [address], allow)


def is_allowed(address: Address, allow: Sequence[Network]) -> bool:
    """True for an address in one of these networks."""
    return any(address in network for network in allow)


def is_public(address: Address) -> bool:
    """True for an address that anybody can reach and that belongs to one host."""
    inside = (
        address.is_multicast,
        address.is_reserved,
        address.is_loopback,
        address.is_link_local,
        address.is_unspecified,
        isinstance(address, IPv6Address) and address.is_site_local,
    )
    return address.is_global and not any(inside) and not is_allowed(address, _REFUSED)


def embedded(address: Address) -> Address:
    """The v4 address inside a mapped (RFC 4291) or translated (RFC 6052) one; any other as it is."""
    if isinstance(address, IPv6Address) and (address in _MAPPED or address in _NAT64):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address


async def resolve(host: str, port: int) -> Sequence[str]:
    """The addresses of a name, in the order the system would try them. Raises OSError."""
    asked = partial(socket.getaddrinfo, host, port, type=socket.SOCK_STREAM)
    found = await asyncio.get_running_loop().run_in_executor(_RESOLVERS, asked)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


class Guarded(httpx.AsyncBaseTransport):
    """Resolves, judges, then has the request sent to the address, with the name in `Host` and in TLS."""

    def __init__(self, allow: Sequence[Network], timeout: float, *, resolve: Resolve = resolve) -> None:
        self._allow = allow
        self._timeout = timeout
        self._resolve = resolve
        self._shares: WeakValueDictionary[object, asyncio.Semaphore] = WeakValueDictionary()
        # No connection is kept: one that was opened to an address under one name must not serve another.
        self._inner = httpx.AsyncHTTPTransport(limits=httpx.Limits(max_keepalive_connections=0))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The whole response, read already. Raises httpx.TransportError."""
        try:
            async with asyncio.timeout(self._timeout):
                return await self._send(request)
        except TimeoutError:
            raise httpx.ReadTimeout(f"no whole answer within {self._timeout:g} s", request=request) from None

    async def aclose(self) -> None:
        """Close what is open."""
        await self._inner.aclose()

    async def _send(self, request: httpx.Request) -> httpx.Response:
        addresses = await self._judged(request.url, whose=request.extensions.get(ORGANIZATION))
        request.headers["Accept-Encoding"] = "identity"
        for address in addresses[:-1]:
            try:
                return await self._send_to(address, request)
            except (httpx.ConnectError, httpx.ConnectTimeout):
                continue
        return await self._send_to(addresses[-1], request)

    async def _look_up(self, url: httpx.URL, whose: object) -> Sequence[str]:
        """Its share is taken until the look-up has ended: who waits for it may give up before."""
        share = self._shares.setdefault(whose, asyncio.Semaphore(LOOKUPS))
        await share.acquire()
        asked = asyncio.ensure_future(self._resolve(url.host, url.port or 443))
        asked.add_done_callback(lambda _: share.release())
        return await asyncio.shield(asked)

    async def _judged(self, url: httpx.URL, whose: object) -> list[Address]:
        """The addresses of the URL's host we may call. Raises NotAllowed, and ConnectError where there is none."""
        try:
            found = [ip_address(one) for one in await self._look_up(url, whose)]
        except (OSError, UnicodeError) as error:
            raise httpx.ConnectError(f"the name {url.host} has no address") from error
        return reachable(url, found, self._allow)

    async def _send_to(self, address: Address, request: httpx.Request) -> httpx.Response:
        directed = httpx.Request(
            request.method,
            request.url.copy_with(host=str(address)),
            headers=request.headers,
            stream=request.stream,
            extensions=request.extensions | {"sni_hostname": request.url.host},
        )
        response = await self._inner.handle_async_request(directed)
        try:
            content = await _read(response)
        finally:
            await response.aclose()
        return httpx.Response(response.status_code, headers=response.headers, content=content, request=request)


async def _read(response: httpx.Response) -> bytes:
    # A packed answer could be any length once unpacked; we said that we take none.
    if response.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise TooLong("the answer is packed, which was not asked for")
    content = bytearray()
    async for chunk in response.aiter_raw():
        content += chunk
        if len(content) > MAX_RESPONSE:
            raise TooLong(f"the answer is longer than {MAX_RESPONSE} bytes")
    return bytes(content)
