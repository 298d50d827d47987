"""The api's pure parts: spans, explanations, credentials, settings, texts, commands."""

import asyncio
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opensearchpy.exceptions import RequestError
from pydantic import SecretStr, TypeAdapter, ValidationError

from services.api.alerts import by_hand
from services.api.alerts.explanation import expand
from services.api.alerts.schemas import ObservableWrite
from services.api.alerts.service import title_in
from services.api.auth import credentials
from services.api.auth.tokens import granted_to
from services.api.broker import MOST_REMEMBERED, Broker
from services.api.events import service as events
from services.api.jobs import queries as jobs
from services.api.principal import NotPermitted, OrganizationNeeded, Principal
from services.api.queried import SearchRefused
from services.api.receipts.queries import unclocked_form
from services.api.sensors.accounts import BadSpan, span
from services.api.settings import ApiSettings
from services.api.suppressions import dry_run
from services.api.text import Moment, Name, Severity, SeverityDigit
from services.api.timeline import span_of
from services.api.tokens.__main__ import main
from services.api.users.schemas import UserUpdate
from shared import clock, ids
from shared.bus.topology import QUEUES
from shared.cipher import make_key
from shared.domain.permissions import PERMISSIONS, Permission, Role
from shared.domain.suppression import Window
from shared.errors import Invalid, Unavailable
from shared.guards import DEMO_SECRET_KEY
from shared.models import ApiToken, Membership, User
from shared.normalise.body import pack_body
from shared.query.tree import EVERYTHING
from shared.search.catalogue import EVENTS
from shared.search.indices import Names

NOW = datetime(2026, 11, 24, 12, 30, 15, tzinfo=UTC)

UTC_MOMENTS = st.datetimes(timezones=st.just(UTC))


@pytest.mark.parametrize(
    ("wanted_from", "wanted_to", "starts_at", "ends_at"),
    [
        (None, None, NOW.replace(hour=11, second=0), NOW.replace(minute=31, second=0)),
        (None, NOW.replace(second=0), NOW.replace(hour=11, second=0), NOW.replace(second=0)),
        (NOW, NOW + timedelta(seconds=1), NOW.replace(second=0), NOW.replace(minute=31, second=0)),
    ],
)
def test_a_span_is_of_whole_minutes(
    wanted_from: datetime | None, wanted_to: datetime | None, starts_at: datetime, ends_at: datetime
) -> None:
    assert span(wanted_from, wanted_to, "minute", now=NOW) == (starts_at, ends_at)


@given(UTC_MOMENTS, UTC_MOMENTS)
def test_a_span_is_bounded_whatever_is_asked(wanted_from: datetime, wanted_to: datetime) -> None:
    try:
        starts_at, ends_at = span(wanted_from, wanted_to, "minute", now=NOW)
    except BadSpan:
        return
    assert timedelta() < ends_at - starts_at <= timedelta(hours=24, minutes=1)
    assert starts_at <= wanted_from


def test_a_span_without_a_beginning_is_as_long_as_the_last_ones() -> None:
    assert span_of(None, None, last=timedelta(hours=1), now=NOW) == (NOW - timedelta(hours=1), NOW)
    assert span_of(NOW, NOW + timedelta(hours=2), last=timedelta(hours=1), now=NOW) == (NOW, NOW + timedelta(hours=2))


@pytest.mark.parametrize("end", [datetime.min.replace(tzinfo=UTC), datetime(1, 1, 20, tzinfo=UTC)])
def test_a_span_that_begins_before_the_calendar_is_none(end: datetime) -> None:
    with pytest.raises(Invalid):
        span_of(None, end, last=timedelta(days=1), now=NOW)


def test_an_observable_that_is_none_is_named_by_its_place_and_not_by_what_was_sent() -> None:
    given = [{"type": "ip", "value": "192.0.2.7"}, {"type": "ip", "value": "not an address"}]
    with pytest.raises(by_hand.BadObservable) as error:
        by_hand.read([ObservableWrite.model_validate(one) for one in given])
    detail = "This is no IP address."
    assert error.value.members["errors"] == [
        {"pointer": "#/observables/1/value", "code": "bad_observable", "detail": detail}
    ]
    assert "not an address" not in str(error.value)


async def _refusing(**_: Any) -> Any:
    raise RequestError(400, "search_phase_execution_exception", {"error": {"type": "too_many_clauses"}})


def test_what_opensearch_refuses_of_a_query_is_the_callers_to_mend() -> None:
    health = SimpleNamespace(is_up=lambda _: True)
    away: Any = SimpleNamespace(health=health, search=SimpleNamespace(search=_refusing), names=Names(""))
    with pytest.raises(SearchRefused):
        asyncio.run(events._search(away, {}))
    for _ in range(3):
        with pytest.raises(SearchRefused):
            asyncio.run(dry_run._hidden(away, EVERYTHING, [Window(NOW, NOW)], UUID(int=1)))


def test_a_histogram_has_no_buckets_before_its_span() -> None:
    minute, start = timedelta(minutes=1), NOW.replace(second=20)
    found = [{"key": clock.milliseconds(NOW.replace(second=0) + at * minute), "doc_count": 2} for at in range(-3, 2)]

    async def search(**_: Any) -> Any:
        buckets = [{**one, "alerts": {"doc_count": 1}} for one in found]
        return {"timed_out": False, "aggregations": {"time": {"buckets": buckets}}}

    there: Any = SimpleNamespace(
        health=SimpleNamespace(is_up=lambda _: True), search=SimpleNamespace(search=search), names=Names("")
    )
    by: Any = SimpleNamespace(organization_ids=[])
    wanted = events.Wanted(EVERYTHING, start, start + minute, None, None, 0)
    buckets = asyncio.run(events.histogram(there, wanted, minute, by=by))
    assert [one.start for one in buckets] == [NOW.replace(second=0), NOW.replace(second=0) + minute]


def test_an_event_brings_along_what_it_has_of_the_fields_that_are_asked_for() -> None:
    document = {
        "source": {"ip": ["10.0.0.1", "10.0.0.2"]},
        "alert": {"severity_id": 3},
        "sensor": {"id.orig_p": 22, "gone": None},
        "tags": [str(one) for one in range(20)],
    }
    names = ("source.ip", "severity", "sensor.id.orig_p", "sensor.gone", "host.name", "tags")
    assert events.held(document, [EVENTS.find(name) for name in names]) == {
        "source.ip": ["10.0.0.1", "10.0.0.2"],
        "severity": [3],
        "sensor.id.orig_p": [22],
        "tags": [str(one) for one in range(10)],
    }


def test_rules_are_spelled_out_the_most_frequent_first() -> None:
    quiet, fold = expand({"fold.suricata_eve@1": 2, "join.quiet_period@1": 3})
    assert (quiet.rule, quiet.fields) == ("join.quiet_period", [])
    assert (fold.rule, fold.version, fold.count) == ("fold.suricata_eve", "1", 2)
    assert fold.fields


def test_a_rule_that_took_the_title_in_says_so() -> None:
    plain, titled = expand({"fold.suricata_eve@1": 2, "fold.suricata_eve@1+title": 1})
    assert (titled.rule, titled.version) == ("fold.suricata_eve+title", "1")
    assert titled.fields == [*plain.fields, "title"]


@pytest.mark.parametrize("word", ["", "@", "+", "fold.", "fold.@1", "fold.never@1", "x@1@2+3"])
def test_an_unknown_rule_is_shown_without_fields(word: str) -> None:
    assert expand({word: 1})[0].fields == []


@pytest.mark.parametrize("document", [b"", b"[]", b"{}", b'{"alert": 1}', b'{"alert": {}}', b'{"alert": {"title": 1}}'])
def test_a_body_without_a_title_has_none(document: bytes) -> None:
    assert title_in(pack_body(document, b"")) is None


def test_credentials_are_long_random_and_hide_from_logs() -> None:
    first, second = (credentials.make(credentials.TOKEN) for _ in range(2))
    assert first.secret != second.secret
    assert credentials.is_token(first.secret)
    assert not credentials.is_token(credentials.make(credentials.SENSOR_KEY).secret)
    assert first.secret not in repr(first)
    assert first.prefix in first.secret
    assert len(first.prefix) == 12


def test_a_caller_sees_the_organizations_in_which_it_may_do_what_it_does() -> None:
    reads, leads, unknown = (UUID(int=number) for number in (1, 2, 3))
    grants = {reads: PERMISSIONS[Role.VIEWER], leads: PERMISSIONS[Role.LEAD]}
    person = Principal("user", ids.NIL, "Ann", grants, tuple(grants))
    assert person.narrowed(Permission.ALERTS_READ).organization_ids == (reads, leads)
    writer = person.narrowed(Permission.ALERTS_WRITE)
    assert writer.organization_ids == (leads,)
    assert (writer.home(), writer.home(leads)) == (leads, leads)
    for elsewhere in (reads, unknown):
        with pytest.raises(NotPermitted):
            writer.home(elsewhere)
    with pytest.raises(NotPermitted):
        person.narrowed(Permission.AUDIT_READ)
    with pytest.raises(OrganizationNeeded):
        person.narrowed(Permission.ALERTS_READ).home()
    assert not person.may(Permission.ALERTS_READ, unknown)


def test_a_token_may_what_its_scopes_say_and_no_more_than_its_maker_may_today() -> None:
    organization = UUID(int=1)

    def granted(*scopes: str, role: Role | None = None, **maker: Any) -> frozenset[Permission] | None:
        token = ApiToken(organization_id=organization, scopes=list(scopes))
        if role is not None or maker:
            memberships = [Membership(organization_id=organization, role=role)] if role else []
            token.created_by = User(memberships=memberships, **maker)
        return granted_to(token)

    assert granted("*") == frozenset(Permission)
    assert granted() == granted("sensors", "sensors:*", "") == frozenset()
    assert granted("sensors:read") == frozenset({Permission.SENSORS_READ})
    assert granted("*", role=Role.VIEWER) == PERMISSIONS[Role.VIEWER]
    assert granted("sensors:write", role=Role.ANALYST) == frozenset()
    assert granted("*", role=Role.ADMIN, disabled_at=clock.now()) is None
    assert granted("*", name="not a member any more") is None


@pytest.mark.parametrize("name", ["", " ", "a\0", "a\nb", "\u202eabc", "x" * 201, "\ud800", 7, None])
def test_a_name_is_short_and_printable(name: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Name).validate_python(name)


def test_a_severity_is_a_number_or_its_digit() -> None:
    assert [TypeAdapter(SeverityDigit | None).validate_python(given) for given in (1, "5", None)] == [1, 5, None]


@pytest.mark.parametrize("given", ["5", "5.0", True, 4.5, 6, 0])
def test_a_number_in_a_body_is_no_text(given: Any) -> None:
    assert TypeAdapter(Severity).validate_python(5.0) == 5, "what JSON Schema calls an integer"
    with pytest.raises(ValidationError):
        TypeAdapter(Severity).validate_python(given)


@pytest.mark.parametrize("given", ["yes", "true", 1, 0.0])
def test_a_yes_or_no_in_a_body_is_nothing_else(given: Any) -> None:
    with pytest.raises(ValidationError):
        UserUpdate.model_validate({"disabled": given})


@pytest.mark.parametrize("given", [0, 1.5, "0", "1764000000", "-1764000000.5", True])
def test_a_moment_is_no_number(given: Any) -> None:
    with pytest.raises(ValidationError):
        TypeAdapter(Moment).validate_python(given)


def test_an_id_is_asked_for_since_it_was_first_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr("services.api.broker.time.monotonic", lambda: now)
    broker, one, other = Broker("amqp://nowhere", None), UUID(int=1), UUID(int=2)
    assert broker.asked_for(one) == 0
    now = 107.0
    assert (broker.asked_for(one), broker.asked_for(other)) == (7, 0)
    for number in range(MOST_REMEMBERED):
        broker.asked_for(UUID(int=10 + number))
    assert broker.asked_for(one) == 0, "the memory is bounded"


async def test_a_broker_that_goes_while_it_is_asked_is_away() -> None:
    def closed() -> None:
        raise RuntimeError("the connection was closed")

    broker, connection = Broker("amqp://nowhere", None), SimpleNamespace(channel=closed)
    broker._connection = connection  # type: ignore[assignment]
    with pytest.raises(Unavailable):
        await broker.depths(QUEUES)


def test_the_rows_of_a_job_are_read_without_what_was_before() -> None:
    anybody = Principal("user", ids.NIL, "Ann", {}, ())
    assert "before" not in str(jobs.items(anybody, ids.NIL, status="done", after=1, limit=10))


def test_the_unclocked_form_is_the_twin_the_door_would_have_made() -> None:
    digest = b"0123456789"
    assert unclocked_form(ids.content_id(clock.milliseconds(NOW), digest)) == ids.content_id(0, digest)


SAFE: dict[str, Any] = {
    "env": "production",
    "postgres_url": SecretStr("postgresql://a:b@db/c?sslmode=verify-full"),
    "rabbitmq_url": SecretStr("amqps://a:b@mq/"),
    "public_url": "https://soc.example.org",
    "secret_keys": SecretStr(make_key()),
}


def test_production_refuses_what_only_a_demo_may_have() -> None:
    ApiSettings(**SAFE)
    ApiSettings(**SAFE, api_host="0.0.0.0", tls_in_front=True)
    forbidden: tuple[dict[str, Any], ...] = (
        {"api_host": "0.0.0.0"},
        {"postgres_url": SecretStr("postgresql://eventsec:eventsec@127.0.0.1:5432/eventsec")},
        {"rabbitmq_url": SecretStr("amqp://guest:guest@127.0.0.1:5672/")},
        {"secret_keys": SecretStr(f"{make_key()},{DEMO_SECRET_KEY}")},
        {"insecure_cookies": True},
    )
    for unsafe in forbidden:
        with pytest.raises(Invalid):
            ApiSettings(**SAFE | unsafe)


@pytest.mark.parametrize(
    "arguments",
    [
        [],
        ["create", "--name", "x"],
        ["create", "--organization", "", "--name", "x"],
        ["create", "--organization", "A", "--name", "a\0"],
        ["create", "--organization", "A", "--name", "x", "--scopes", "sensors"],
        ["create", "--organization", "A", "--name", "x", "--scopes", ","],
        ["create", "--organization", "A", "--name", "x", "--expires-days", "-1"],
        ["create", "--organization", "A", "--name", "x", "--expires-days", "9999999"],
        ["revoke", "x"],
    ],
)
def test_a_command_that_means_nothing_changes_nothing(
    arguments: list[str], capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(asyncio, "run", lambda _: pytest.fail("it went to the database"))
    with pytest.raises(SystemExit) as ended:
        main(arguments)
    assert ended.value.code == 2
    assert capsys.readouterr().out == ""
