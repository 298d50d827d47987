"""Speaks OpenID Connect with the identity provider: where it is, what it signs with, who it says somebody is.

authlib and joserfc know the protocol; the calls go through the guard of `shared.outgoing`, which their client cannot.
"""

import asyncio
import base64
import hmac
import secrets
import time
from collections.abc import Awaitable, Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Generic, TypeVar
from urllib.parse import quote_plus, urlsplit

import httpx
from authlib.oauth2.rfc6749.parameters import prepare_grant_uri
from authlib.oauth2.rfc7636 import create_s256_code_challenge
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.errors import InvalidKeyIdError, JoseError
from joserfc.jwk import KeySet
from pydantic import BaseModel, ValidationError

from shared import log
from shared.errors import Unauthenticated, Unavailable

logger = log.get(__name__)

# Asymmetric ones only: with a MAC, whoever knows the "key" to check a token could make one.
ALGORITHMS = tuple(family + size for family in ("RS", "PS", "ES") for size in ("256", "384", "512"))
LEEWAY_SECONDS = 60
RANDOM_BYTES = 32

KEPT_SECONDS = 3600.0
# A token with an unknown key, or a provider that is away, makes us ask again no sooner than this.
PAUSE_SECONDS = 60.0
FAILURE_PAUSE_SECONDS = 5.0

T = TypeVar("T")


class ProviderAway(Unavailable):
    """The identity provider does not answer as it should."""

    code = "oidc_unavailable"


class NotProven(Unauthenticated):
    """What came from the identity provider does not prove who somebody is."""

    code = "oidc_invalid"


@dataclass(frozen=True)
class Registration:
    """How the provider knows us; without a secret we are a public client."""

    client_id: str
    secret: str | None = field(repr=False)
    redirect_uri: str
    scope: str


@dataclass(frozen=True)
class Attempt:
    """One sign-in: a secret in a cookie of the browser, from which the rest is made, each part by its own name.

    The state is seen in addresses and the nonce by the provider; neither tells the secret or the verifier.
    """

    secret: str = field(repr=False)

    @classmethod
    def begin(cls) -> "Attempt":
        """A fresh one."""
        return cls(secrets.token_urlsafe(RANDOM_BYTES))

    @property
    def state(self) -> str:
        """Comes back with the browser, to which it belongs (RFC 6749, 10.12)."""
        return self._derived("state")

    @property
    def nonce(self) -> str:
        """Comes back in the token, which belongs to this attempt."""
        return self._derived("nonce")

    @property
    def verifier(self) -> str:
        """Shows the provider that who redeems the code is who asked for it (RFC 7636)."""
        return self._derived("verifier")

    def is_state(self, given: str | None) -> bool:
        """True when that is the state of this attempt."""
        return given is not None and hmac.compare_digest(self.state.encode(), given.encode())

    def _derived(self, name: str) -> str:
        digest = hmac.digest(self.secret.encode(), f"eventsec oidc {name}".encode(), "sha256")
        return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


class Metadata(BaseModel):
    """What we use of the provider's description of itself (OpenID Connect Discovery)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    end_session_endpoint: str | None = None
    token_endpoint_auth_methods_supported: list[str] = ["client_secret_basic"]


def refuse_other(metadata: Metadata, issuer: str) -> None:
    """Raises ValueError for the description of another provider, or one that leads away from TLS."""
    if metadata.issuer != issuer:
        raise ValueError("the provider names itself otherwise than EVENTSEC_OIDC_ISSUER")
    urls = (
        metadata.authorization_endpoint,
        metadata.token_endpoint,
        metadata.jwks_uri,
        metadata.userinfo_endpoint,
        metadata.end_session_endpoint,
    )
    allowed = {"https", urlsplit(issuer).scheme}
    if any(url is not None and urlsplit(url).scheme not in allowed for url in urls):
        raise ValueError("an endpoint of the provider is not under https")


def proven(
    id_token: str,
    keys: KeySet,
    *,
    issuer: str,
    client_id: str,
    nonce: str,
    access_token: str | None,
    now: datetime,
) -> dict[str, Any]:
    """The claims of a token the provider signed for us, for this attempt, and for now (OpenID Connect Core, 3.1.3.7).

    Raises JoseError, and ValueError for what is no token at all.
    """
    token = jwt.decode(id_token, keys, algorithms=ALGORITHMS)
    claims = CodeIDToken(
        token.claims,
        token.header,
        options={
            "iss": {"essential": True, "value": issuer},
            "aud": {"essential": True, "value": client_id},
            "sub": {"essential": True},
        },
        params={"client_id": client_id, "nonce": nonce, "access_token": access_token},
    )
    claims.validate(now=int(now.timestamp()), leeway=LEEWAY_SECONDS)
    return dict(claims)


class Provider:
    """The identity provider. What it publishes is kept for an hour; its failures for seconds."""

    def __init__(self, issuer: str, registration: Registration, client: httpx.AsyncClient) -> None:
        self.issuer = issuer
        self._registration = registration
        self._client = client
        self._metadata = _Kept(self._fetch_metadata)
        self._keys = _Kept(self._fetch_keys)

    async def close(self) -> None:
        """Close what is open."""
        await self._client.aclose()

    async def authorization_url(self, attempt: Attempt) -> str:
        """Where the browser asks for a code. Raises ProviderAway."""
        metadata = await self._metadata.get()
        return str(
            prepare_grant_uri(
                metadata.authorization_endpoint,
                self._registration.client_id,
                "code",
                self._registration.redirect_uri,
                self._registration.scope,
                attempt.state,
                nonce=attempt.nonce,
                code_challenge=create_s256_code_challenge(attempt.verifier),
                code_challenge_method="S256",
            )
        )

    async def claims(self, code: str, attempt: Attempt, *, wanted: Collection[str], now: datetime) -> dict[str, Any]:
        """What the provider says of who brought this code; it is asked further for `wanted` claims the token lacks.

        Raises NotProven and ProviderAway.
        """
        metadata = await self._metadata.get()
        tokens = await self._redeem(metadata, code, attempt)
        id_token, access_token = tokens.get("id_token"), tokens.get("access_token")
        if not isinstance(id_token, str):
            raise NotProven("The provider gave no ID token.")
        access_token = access_token if isinstance(access_token, str) else None
        claims = await self._proven(id_token, access_token, attempt, now)
        if metadata.userinfo_endpoint is None or access_token is None or set(wanted) <= claims.keys():
            return claims
        headers = {"Authorization": f"Bearer {access_token}"}
        more = await self._json(self._client.build_request("GET", metadata.userinfo_endpoint, headers=headers))
        if more.get("sub") != claims["sub"]:
            raise NotProven("The provider spoke of somebody else.")
        return more | claims

    async def end_session_url(self, return_to: str) -> str | None:
        """Where the browser ends its session at the provider too, where that can be (RP-Initiated Logout).

        Raises ProviderAway.
        """
        metadata = await self._metadata.get()
        if metadata.end_session_endpoint is None:
            return None
        query = {"client_id": self._registration.client_id, "post_logout_redirect_uri": return_to}
        return str(httpx.URL(metadata.end_session_endpoint).copy_merge_params(query))

    async def _redeem(self, metadata: Metadata, code: str, attempt: Attempt) -> dict[str, Any]:
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._registration.redirect_uri,
            "code_verifier": attempt.verifier,
        }
        client_id, secret = self._registration.client_id, self._registration.secret
        headers = {}
        if secret is None:
            form["client_id"] = client_id
        elif "client_secret_basic" in metadata.token_endpoint_auth_methods_supported:
            # Encoded as a form before they are joined (RFC 6749, 2.3.1).
            pair = f"{quote_plus(client_id)}:{quote_plus(secret)}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            form |= {"client_id": client_id, "client_secret": secret}
        return await self._json(
            self._client.build_request("POST", metadata.token_endpoint, data=form, headers=headers), code_given=True
        )

    async def _proven(self, id_token: str, access_token: str | None, attempt: Attempt, now: datetime) -> dict[str, Any]:
        def check(keys: KeySet) -> dict[str, Any]:
            return proven(
                id_token,
                keys,
                issuer=self.issuer,
                client_id=self._registration.client_id,
                nonce=attempt.nonce,
                access_token=access_token,
                now=now,
            )

        try:
            try:
                return check(await self._keys.get())
            except InvalidKeyIdError:
                return check(await self._keys.get(anew=True))
        except (JoseError, ValueError) as error:
            logger.warning("oidc_token_refused", error=type(error).__name__, reason=str(error)[:200])
            raise NotProven from None

    async def _fetch_metadata(self) -> Metadata:
        url = f"{self.issuer.rstrip('/')}/.well-known/openid-configuration"
        try:
            metadata = Metadata.model_validate(await self._json(self._client.build_request("GET", url)))
            refuse_other(metadata, self.issuer)
        except (ValidationError, ValueError) as error:
            logger.warning("oidc_provider_unfit", url=url, error=str(error)[:500])
            raise ProviderAway from None
        return metadata

    async def _fetch_keys(self) -> KeySet:
        metadata = await self._metadata.get()
        published = await self._json(self._client.build_request("GET", metadata.jwks_uri))
        try:
            return KeySet.import_key_set({"keys": published["keys"]})
        except (JoseError, ValueError, TypeError, KeyError) as error:
            logger.warning("oidc_provider_unfit", url=metadata.jwks_uri, error=type(error).__name__)
            raise ProviderAway from None

    async def _json(self, request: httpx.Request, *, code_given: bool = False) -> dict[str, Any]:
        """The object it answers with. Raises ProviderAway, and NotProven where it does not know the code."""
        try:
            response = await self._client.send(request)
            said = response.json() if response.content else {}
            if code_given and response.status_code == httpx.codes.BAD_REQUEST and said["error"] == "invalid_grant":
                raise NotProven("The provider does not know the code, or knows it as used.")
            response.raise_for_status()
            if not isinstance(said, dict):
                raise TypeError("not an object")
        except (httpx.HTTPError, httpx.InvalidURL, ValueError, TypeError, KeyError) as error:
            logger.warning("oidc_provider_failed", url=str(request.url), error=f"{type(error).__name__}: {error}"[:300])
            raise ProviderAway from None
        return said


class _Kept(Generic[T]):
    """What was fetched, for an hour. Everybody who waits is served by one call, and a failure answers for seconds."""

    def __init__(self, fetch: Callable[[], Awaitable[T]]) -> None:
        self._fetch = fetch
        self._lock = asyncio.Lock()
        self._value: T | None = None
        self._fetched = self._failed = -KEPT_SECONDS

    async def get(self, *, anew: bool = False) -> T:
        """The value; `anew` asks for a newer one, as far as the pause allows. Raises ProviderAway."""
        async with self._lock:
            now = time.monotonic()
            if self._value is not None and now - self._fetched < (PAUSE_SECONDS if anew else KEPT_SECONDS):
                return self._value
            if now - self._failed < FAILURE_PAUSE_SECONDS:
                raise ProviderAway
            try:
                self._value = await self._fetch()
            except ProviderAway:
                self._failed = time.monotonic()
                raise
            self._fetched = time.monotonic()
            return self._value
