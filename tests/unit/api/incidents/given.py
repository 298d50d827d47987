"""Incidents as facts: one that has everything, and whatever hypothesis makes up."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

from services.api.incidents.facts import (
    Alert,
    Clock,
    Custody,
    CustomField,
    Entry,
    Evidence,
    Facts,
    Link,
    Measure,
    Note,
    Observable,
    People,
    Review,
    Task,
    Times,
)
from shared.domain.incident import Pap, Status, Tlp
from shared.domain.triage import Verdict
from shared.normalise.observables import TYPES

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)
INCIDENT, ORGANIZATION, ALERT = UUID(int=1), UUID(int=2), UUID(int=3)
DIGEST = "9f" * 32

calm = settings(deadline=None, max_examples=60, suppress_health_check=[HealthCheck.too_slow])


def after(minutes: int) -> datetime:
    return NOON + timedelta(minutes=minutes)


def defang(value: str, _type: str) -> str:
    return value.replace(".", "[.]")


def facts(**changes: Any) -> Facts:
    full = Facts(
        id=INCIDENT,
        number=12,
        organization_id=ORGANIZATION,
        organization_name="Harbour Works",
        title="Password spraying from abroad",
        severity=4,
        status=Status.CLOSED,
        tlp=Tlp.AMBER_STRICT,
        pap=Pap.GREEN,
        verdict=Verdict.TRUE_POSITIVE,
        reason="attack",
        restricted=True,
        summary="Somebody **tried** 400 names.\n\n# What we did\n\n- blocked `203.0.113.7`",
        tags=("vpn", "spraying"),
        people=People(assignee="Ada", reporter="Grace", reviewer="Edsger", closed_by="Edsger"),
        fields=(
            CustomField(name="customers", label="Customers told", kind="boolean", value=False),
            CustomField(name="sites", label="Sites", kind="choices", value=["north", "south"]),
        ),
        times=Times(
            occurred_at=NOON,
            detected_at=after(5),
            received_at=after(6),
            acknowledged_at=after(10),
            contained_at=after(60),
            resolved_at=after(240),
            closed_at=after(300),
        ),
        clocks=(Clock(name="contain", target=timedelta(hours=4), due_at=after(246), met_at=after(60)),),
        measures=(Measure(name="time to detect", formula="detected − occurred", value=timedelta(minutes=5)),),
        alerts=(
            Alert(
                id=ALERT,
                title="VPN: many failed sign-ins",
                rule_id="vpn-401",
                severity=3,
                count=400,
                first_seen=NOON,
                last_seen=after(30),
                verdict=Verdict.TRUE_POSITIVE,
                sensor_name="vpn-north",
                techniques=("T1110.003",),
            ),
        ),
        techniques=("T1110.003", "T1078"),
        observables=(
            Observable(type="ip", value="203.0.113.7", verdict="malicious", ioc=True, tlp=Tlp.GREEN, note="a hoster's"),
            Observable(type="domain", value="login.example.net"),
            Observable(type="hash", value=DIGEST),
            Observable(type="user", value="svc-backup"),
        ),
        tasks=(Task(title="Reset passwords", group="eradication", status="done", required=True, done_at=after(200)),),
        entries=(Entry(occurred_at=after(60), kind="note", text="Address blocked\nat both sites", by="Ada"),),
        notes=(Note(by="Ada", at=after(20), text="Seen *before*."),),
        evidence=(
            Evidence(
                name="vpn.log",
                size=12_345,
                sha256=DIGEST[::-1],
                media_type="text/plain",
                by="Ada",
                at=after(70),
                custody=(Custody(action="found_changed", by="Grace", at=after(80)),),
            ),
        ),
        reviews=(
            Review(
                requested_by="Ada",
                requested_at=after(250),
                decided_by="Edsger",
                decided_at=after(300),
                decision="approved",
                comment="Agreed.",
            ),
        ),
        links=(Link(number=7, title="Spraying in spring", relation="recurrence_of"),),
        merged_from=(9, 10),
        omitted={"alerts": 17},
        generated_at=after(400),
        generated_by="Grace",
    )
    return replace(full, **changes)


NASTY: Sequence[str] = (
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</title></style></td></table><svg/onload=alert(1)>",
    "[x](javascript:alert(1))",
    "![x](http://evil.example/x.png)",
    "a|b\n---|---\n`c",
    "-->\n\n# heading\n\n```",
    "&lt;b&gt;&#x3c;script&#x3e;",
    "_a_ *b* ~~c~~ __d__",
    "{{7*7}} ${7*7} \\",
    "\u202egnp.exe\u0000\u2028",
)
words = st.one_of(st.sampled_from(NASTY), st.text(st.characters(codec="utf-8"), max_size=60))
moments = st.datetimes(datetime(1971, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
spans = st.timedeltas(timedelta(days=-400), timedelta(days=400))
techniques = st.lists(st.from_regex(r"T[0-9]{4}(\.[0-9]{3})?", fullmatch=True), max_size=3).map(tuple)
values: st.SearchStrategy[Any] = st.one_of(
    st.none(),
    words,
    st.integers(-(2**53), 2**53),
    st.booleans(),
    st.floats(allow_nan=False),
    st.lists(words, max_size=3),
)


def some(kind: type, /, **fields: st.SearchStrategy[Any]) -> st.SearchStrategy[tuple[Any, ...]]:
    return st.lists(st.builds(kind, **fields), max_size=2).map(tuple)


verdicts = st.none() | st.sampled_from(Verdict)
people = st.none() | words.filter(bool)
maybe = st.none() | moments

made_facts: st.SearchStrategy[Facts] = st.builds(
    Facts,
    id=st.uuids(),
    number=st.integers(1, 2**53),
    organization_id=st.uuids(),
    organization_name=words.filter(bool),
    title=words,
    severity=st.integers(1, 5),
    status=st.sampled_from(Status),
    tlp=st.sampled_from(Tlp),
    pap=st.sampled_from(Pap),
    times=st.builds(
        Times,
        received_at=moments,
        occurred_at=maybe,
        detected_at=maybe,
        resolved_at=maybe,
        closed_at=maybe,
    ),
    generated_at=moments,
    generated_by=words,
    verdict=verdicts,
    reason=st.none() | words,
    restricted=st.booleans(),
    summary=words,
    tags=st.lists(words, max_size=2).map(tuple),
    people=st.builds(People, assignee=people, reporter=people, reviewer=people, closed_by=people),
    fields=some(CustomField, name=words, label=words, kind=words, value=values),
    clocks=some(Clock, name=words, target=spans, due_at=maybe, met_at=maybe, breached=st.booleans()),
    measures=some(Measure, name=words, formula=words, value=st.none() | spans),
    alerts=some(
        Alert,
        id=st.uuids(),
        title=words,
        rule_id=st.none() | words,
        severity=st.integers(1, 5),
        count=st.integers(1, 2**53),
        first_seen=moments,
        last_seen=moments,
        verdict=verdicts,
        sensor_name=st.none() | words,
        techniques=techniques,
    ),
    techniques=techniques,
    observables=some(
        Observable,
        type=st.sampled_from([*TYPES, "mutex"]),
        value=words,
        verdict=words,
        ioc=st.booleans(),
        tlp=st.none() | st.sampled_from(Tlp),
        tags=st.lists(words, max_size=2).map(tuple),
        note=words,
    ),
    tasks=some(Task, title=words, group=words, status=words, assignee=people, required=st.booleans(), done_at=maybe),
    entries=some(Entry, occurred_at=moments, kind=words, text=words, by=words),
    notes=st.none() | some(Note, by=words, at=moments, text=words),
    evidence=some(
        Evidence,
        name=words,
        size=st.integers(0, 2**53),
        sha256=st.just(DIGEST),
        media_type=words,
        by=words,
        at=moments,
        description=words,
        removed_at=maybe,
        custody=some(Custody, action=words, by=words, at=moments),
    ),
    reviews=some(
        Review,
        requested_by=words,
        requested_at=moments,
        decided_by=people,
        decided_at=maybe,
        decision=people,
        comment=words,
    ),
    links=some(Link, number=st.integers(1, 99), title=words, relation=words),
    merged_from=st.lists(st.integers(1, 99), max_size=2).map(tuple),
    omitted=st.dictionaries(st.sampled_from(["alerts", "observables", "entries"]), st.integers(1, 99)),
)
