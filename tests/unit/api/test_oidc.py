"""The rules of signing in with an identity provider: which tokens prove something, and what groups make of somebody."""

import base64
import hmac
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import httpx
import orjson
import pytest
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet, RSAKey
from pydantic import SecretStr

from services.api import openid
from services.api.auth import oidc
from services.api.openid import Attempt, Metadata, NotProven, Provider, ProviderAway, Registration
from services.api.settings import ApiSettings, GroupRole
from shared.domain.permissions import Role
from shared.errors import Invalid

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
SECONDS = int(NOW.timestamp())
ISSUER = "https://login.example.org"
GOOD: dict[str, Any] = {
    "iss": ISSUER,
    "sub": "ann",
    "aud": "eventsec",
    "exp": SECONDS + 300,
    "iat": SECONDS,
    "nonce": "n",
}
KEY = RSAKey.generate_key(2048, {"kid": "k"})
OTHER_KEY = RSAKey.generate_key(2048, {"kid": "k"})


def signed(claims: dict[str, Any], *, key: RSAKey = KEY, **header: Any) -> str:
    return jwt.encode({"alg": "RS256", "kid": "k"} | header, claims, key, algorithms=["RS256", "PS256"])


def without(name: str) -> dict[str, Any]:
    return {key: value for key, value in GOOD.items() if key != name}


def made_by_hand(algorithm: str, key: bytes | None = None) -> str:
    """A token as libraries refuse to make one: unsigned, or with the public key as if it were a shared secret."""
    parts = [encoded(orjson.dumps(one)) for one in ({"alg": algorithm, "kid": "k"}, GOOD)]
    signature = hmac.digest(key, b".".join(parts), "sha256") if key is not None else b""
    return b".".join([*parts, encoded(signature)]).decode()


def encoded(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def proven(token: str) -> dict[str, Any]:
    return openid.proven(
        token, KeySet([KEY]), issuer=ISSUER, client_id="eventsec", nonce="n", access_token=None, now=NOW
    )


@pytest.mark.parametrize(
    "token",
    [
        signed(GOOD),
        signed(GOOD, alg="PS256"),
        signed(GOOD | {"aud": ["eventsec", "other"], "azp": "eventsec"}),
        signed(GOOD | {"exp": SECONDS - openid.LEEWAY_SECONDS + 1}),
        signed(GOOD | {"nbf": SECONDS + openid.LEEWAY_SECONDS}),
    ],
)
def test_a_token_for_us_and_for_now_proves_who_it_is(token: str) -> None:
    assert proven(token)["sub"] == "ann"


BAD = {
    "no token": "not.a.token",
    "empty": "",
    "unsigned": made_by_hand("none"),
    "a shared secret": made_by_hand("HS256", KEY.as_pem(private=False)),
    "another key": signed(GOOD, key=OTHER_KEY),
    "an unknown key": signed(GOOD, kid="x"),
    "another issuer": signed(GOOD | {"iss": ISSUER + "/"}),
    "no issuer": signed(without("iss")),
    "for another": signed(GOOD | {"aud": "other"}),
    "for another, given to us": signed(GOOD | {"aud": "other", "azp": "eventsec"}),
    "for nobody": signed(without("aud")),
    "for several, given to another": signed(GOOD | {"aud": ["eventsec", "other"], "azp": "other"}),
    "for several, given to nobody": signed(GOOD | {"aud": ["eventsec", "other"]}),
    "given to another": signed(GOOD | {"azp": "other"}),
    "expired": signed(GOOD | {"exp": SECONDS - openid.LEEWAY_SECONDS}),
    "without end": signed(without("exp")),
    "from the future": signed(GOOD | {"iat": SECONDS + openid.LEEWAY_SECONDS + 1}),
    "without beginning": signed(without("iat")),
    "not yet": signed(GOOD | {"nbf": SECONDS + openid.LEEWAY_SECONDS + 1}),
    "another attempt": signed(GOOD | {"nonce": "m"}),
    "no attempt": signed(without("nonce")),
    "of nobody": signed(without("sub")),
}


@pytest.mark.parametrize("token", BAD.values(), ids=BAD.keys())
def test_any_other_token_proves_nothing(token: str) -> None:
    with pytest.raises((JoseError, ValueError)):
        proven(token)


def metadata(**values: Any) -> Metadata:
    names = ("authorization_endpoint", "token_endpoint", "jwks_uri")
    return Metadata.model_validate({"issuer": ISSUER} | {name: f"{ISSUER}/{name}" for name in names} | values)


def test_the_description_is_of_the_provider_that_was_set_up_and_stays_under_tls() -> None:
    openid.refuse_other(metadata(), ISSUER)
    for other in (metadata(issuer="https://evil.example"), metadata(token_endpoint="http://login.example.org/token")):
        with pytest.raises(ValueError, match=r"otherwise|https"):
            openid.refuse_other(other, ISSUER)


def test_an_attempt_is_told_by_its_cookie_alone() -> None:
    attempt = Attempt.begin()
    assert Attempt(attempt.secret).is_state(attempt.state)
    assert not Attempt.begin().is_state(attempt.state)
    assert not attempt.is_state(None)
    parts = {attempt.secret, attempt.state, attempt.nonce, attempt.verifier}
    assert (len(parts), len(attempt.verifier)) == (4, 43)
    assert attempt.secret not in repr(attempt)


class Counting:
    """Answers as a provider would, and keeps what it is asked."""

    def __init__(self, attempt: Attempt, **described: Any) -> None:
        self.requests: list[httpx.Request] = []
        self.up = True
        self.id_token = signed(GOOD | {"nonce": attempt.nonce})
        self.user: dict[str, Any] = {}
        self.described = metadata(token_endpoint=f"{ISSUER}/token", **described)
        self.client = httpx.AsyncClient(transport=httpx.MockTransport(self._answer))

    def asked(self, path: str) -> list[httpx.Request]:
        return [one for one in self.requests if one.url.path == path]

    def _answer(self, request: httpx.Request) -> httpx.Response:
        self.requests.append(request)
        if not self.up:
            return httpx.Response(502)
        answers: dict[str, Any] = {
            "/token": {"id_token": self.id_token, "access_token": "opaque"},
            "/jwks_uri": {"keys": [KEY.as_dict(private=False)]},
            "/user": self.user,
        }
        return httpx.Response(200, json=answers.get(request.url.path, self.described.model_dump()))

    def provider(self, secret: str | None = None) -> Provider:
        return Provider(
            ISSUER, Registration("event sec", secret, "https://soc.example.org/back", "openid"), self.client
        )


async def test_what_a_provider_publishes_is_asked_for_once(monkeypatch: pytest.MonkeyPatch) -> None:
    attempt = Attempt.begin()
    counting = Counting(attempt)
    counting.id_token = signed(GOOD | {"nonce": attempt.nonce}, kid="rotated")
    provider = counting.provider()
    for _ in range(3):
        with pytest.raises(NotProven):
            await provider.claims("code", attempt, wanted=(), now=NOW)
    assert len(counting.asked("/jwks_uri")) == 1, "an unknown key has us ask again, but not at once"
    assert len(counting.asked("/.well-known/openid-configuration")) == 1
    monkeypatch.setattr(openid, "PAUSE_SECONDS", 0.0)
    with pytest.raises(NotProven):
        await provider.claims("code", attempt, wanted=(), now=NOW)
    assert len(counting.asked("/jwks_uri")) == 2


async def test_a_provider_that_is_away_is_left_alone_for_a_moment(monkeypatch: pytest.MonkeyPatch) -> None:
    attempt = Attempt.begin()
    counting = Counting(attempt)
    counting.up = False
    provider = counting.provider()
    for _ in range(3):
        with pytest.raises(ProviderAway):
            await provider.authorization_url(attempt)
    assert len(counting.requests) == 1
    monkeypatch.setattr(openid, "FAILURE_PAUSE_SECONDS", 0.0)
    counting.up = True
    query = httpx.URL(await provider.authorization_url(attempt)).params
    assert (query["state"], query["nonce"], query["code_challenge_method"]) == (attempt.state, attempt.nonce, "S256")
    assert attempt.verifier not in str(query)


@pytest.mark.parametrize(
    ("secret", "methods", "authorization", "form"),
    [
        (None, ["none"], None, {"client_id": "event sec"}),
        ("a+b", ["client_secret_post"], None, {"client_id": "event sec", "client_secret": "a+b"}),
        ("a+b", ["client_secret_post", "client_secret_basic"], b"event+sec:a%2Bb", {}),
    ],
)
async def test_we_prove_who_we_are_as_the_provider_likes_it(
    secret: str | None, methods: list[str], authorization: bytes | None, form: dict[str, str]
) -> None:
    attempt = Attempt.begin()
    counting = Counting(attempt, token_endpoint_auth_methods_supported=methods)
    counting.id_token = signed(GOOD | {"nonce": attempt.nonce, "aud": "event sec"})
    assert (await counting.provider(secret).claims("code", attempt, wanted=(), now=NOW))["sub"] == "ann"
    (request,) = counting.asked("/token")
    sent = dict(parse_qsl(request.content.decode()))
    assert (sent["code"], sent["code_verifier"]) == ("code", attempt.verifier)
    assert {name: value for name, value in sent.items() if name.startswith("client")} == form
    given = request.headers.get("authorization")
    assert (base64.b64decode(given.removeprefix("Basic ")) if given else None) == authorization


async def test_what_the_token_lacks_is_asked_for_and_must_be_of_the_same_person() -> None:
    attempt = Attempt.begin()
    counting = Counting(attempt, userinfo_endpoint=f"{ISSUER}/user")
    counting.id_token = signed(GOOD | {"nonce": attempt.nonce, "aud": "event sec", "email": "ann@example.org"})
    counting.user = {"sub": "ann", "groups": ["soc"], "email": "changed@example.org"}
    provider = counting.provider()
    claims = await provider.claims("code", attempt, wanted={"email", "groups"}, now=NOW)
    assert (claims["groups"], claims["email"]) == (["soc"], "ann@example.org"), "what was signed counts"
    assert counting.asked("/user")[0].headers["authorization"] == "Bearer opaque"
    await provider.claims("code", attempt, wanted={"email"}, now=NOW)
    assert len(counting.asked("/user")) == 1
    counting.user["sub"] = "mallory"
    with pytest.raises(NotProven):
        await provider.claims("code", attempt, wanted={"groups"}, now=NOW)


@pytest.mark.parametrize("path", ["/", "/alerts?query=a%20b#x", "/alerts/1"])
def test_one_comes_back_to_a_page_of_ours(path: str) -> None:
    assert oidc.local_path(path) == path


@pytest.mark.parametrize(
    "path",
    ["", "alerts", "//evil.example", "https://evil.example", "/\\evil.example", "\\/evil.example", "/\t/evil.example",
     "/a\r\nSet-Cookie: a=b", "javascript:alert(1)", "/api/v1/auth/oidc/login"],
)  # fmt: skip
def test_one_comes_back_nowhere_else(path: str) -> None:
    assert oidc.local_path(path) == "/"


def identity(**claims: Any) -> oidc.Identity:
    return oidc.identity_of(
        {"sub": "ann"} | claims, issuer=ISSUER, groups_claim="groups", verified_claim="email_verified"
    )


def test_an_address_counts_where_it_was_proven() -> None:
    for yes in (True, "true", 1, "1"):
        assert identity(email="Ann@Example.org", email_verified=yes).email == "Ann@Example.org"
    for no in (False, None, "false", 0, [1], "no"):
        assert identity(email="ann@example.org", email_verified=no).email is None
    assert identity(email="no address", email_verified=True).email is None
    assert identity(email=["ann@example.org"], email_verified=True).email is None


def test_groups_and_names_come_in_several_forms() -> None:
    assert identity(groups=["a", 1, None, "b"]).groups == ("a", "b")
    assert identity(groups="example.org").groups == ("example.org",)
    assert identity(groups={"a": 1}).groups == identity().groups == ()
    assert identity(name="  ", preferred_username="ann\n", email="a@b.c", email_verified=True).name == "a@b.c"
    assert identity(name="x" * 500).name == "x" * 200
    for subject in (None, "", "x" * 256, "a\x00", 7):
        with pytest.raises(NotProven):
            identity(sub=subject)


def test_of_several_groups_the_first_in_the_settings_counts() -> None:
    acme = {role: GroupRole(organization="Acme", role=role) for role in Role}
    other = GroupRole(organization="Other", role=Role.VIEWER)
    mapping = {"leads": [acme[Role.LEAD]], "soc": [acme[Role.ANALYST], other], "admins": [acme[Role.ADMIN]]}
    assert oidc.roles_of(("soc", "leads", "unknown"), mapping) == {"Acme": Role.LEAD, "Other": Role.VIEWER}
    assert oidc.roles_of((), mapping) == {}


def test_a_provider_is_set_up_whole_or_not_at_all(monkeypatch: pytest.MonkeyPatch) -> None:
    whole: dict[str, Any] = {
        "oidc_issuer": ISSUER,
        "oidc_client_id": "eventsec",
        "public_url": "https://soc.example.org",
    }
    assert ApiSettings(**whole).oidc_issuer == ISSUER
    for lacking in ("oidc_client_id", "public_url"):
        with pytest.raises(Invalid, match="EVENTSEC_OIDC_ISSUER needs"):
            ApiSettings(**{name: value for name, value in whole.items() if name != lacking})
    production: dict[str, Any] = {
        "env": "production",
        "postgres_url": SecretStr("postgresql://a:b@db/c?sslmode=verify-full"),
        "rabbitmq_url": SecretStr("amqps://a:b@bus/"),
        "secret_keys": SecretStr("x"),
    }
    with pytest.raises(Invalid, match="EVENTSEC_OIDC_ISSUER without TLS"):
        ApiSettings(**whole | production | {"oidc_issuer": "http://login.example.org"})
    monkeypatch.setenv("EVENTSEC_OIDC_ROLES", '{"soc": [{"organization": "Acme", "role": "analyst"}]}')
    assert ApiSettings().oidc_roles == {"soc": [GroupRole(organization="Acme", role=Role.ANALYST)]}
