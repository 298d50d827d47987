"""What an incident looks like to people and to programs: the report, and the two exports."""

import asyncio
import threading
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.incidents import report_html
from services.api.settings import ApiSettings
from shared import clock
from shared.models import AlertObservable, AuditEntry
from tests.integration.api.calling import Api, running
from tests.integration.api.incidents import CLOSING, alerts_of, done, opened, opened_of
from tests.integration.api.rows import Tenant, make_person
from tests.integration.api.signed_in import Page, page_of


@pytest.fixture
async def page(api: Api, acme: Tenant, session: AsyncSession) -> AsyncIterator[Page]:
    """An analyst of Acme."""
    yield await page_of(api, await make_person(session, acme, "analyst"))


@pytest.fixture
async def whole(page: Page, acme: Tenant, session: AsyncSession) -> dict[str, Any]:
    """An incident with one of everything."""
    alerts = await alerts_of(session, acme, 3, techniques=["T1566"])
    incident = await opened_of(page, *alerts, title="Phishing <b>mail</b>", summary="Ann *clicked* on it.")
    base = f"incidents/{incident['id']}"
    await page.post(f"{base}/notes", {"body": "Note with <script>alert(1)</script>"})
    await page.post(f"{base}/tasks", {"title": "Tell Ann"})
    await page.post(f"{base}/timeline", {"message": "The mail came", "occurred_at": "2026-11-01T08:00:00Z"})
    await page.post(f"{base}/observables", {"text": "hxxps://evil[.]example[.]com/login", "ioc": True})
    await page.call("POST", f"{base}/evidence", content=b"%PDF-1.7\n", params={"name": "mail.pdf"})
    await done(page, incident, "transition", {"to": "contained"})
    await done(page, incident, "close", CLOSING)
    return incident


@pytest.mark.parametrize(("kind", "ending"), [("html", "html"), ("markdown", "md")])
async def test_the_report_has_everything_and_runs_nothing(
    page: Page, whole: dict[str, Any], session: AsyncSession, kind: str, ending: str
) -> None:
    reply = await page.get(f"incidents/{whole['id']}/report", params={"format": kind})
    assert reply.status_code == 200
    assert reply.headers["content-disposition"] == f'attachment; filename="incident-1.{ending}"'
    text = reply.text
    for said in ("TLP:AMBER", "Tell Ann", "The mail came", "mail.pdf", "T1566", "Time to contain", "Alert 0"):
        assert said in text, said
    assert "evil[.]example[.]com" in text.replace("\\", "")
    assert "https://evil.example.com" not in text
    assert "<script>alert" not in text or kind == "markdown"
    assert "<b>mail" not in text
    short = await page.get(f"incidents/{whole['id']}/report", params={"format": kind, "notes": False})
    assert "alert(1)" in text
    assert "alert(1)" not in short.text
    taken = await session.scalars(select(AuditEntry).where(AuditEntry.action == "incident.taken_along"))
    assert [one.details["what"] for one in taken if str(one.object_id) == whole["id"]] == [f"report.{kind}"] * 2


@pytest.mark.parametrize("kind", ["html", "markdown"])
async def test_nothing_in_a_report_leads_outside(page: Page, kind: str) -> None:
    incident = await opened(page, title="Mail from http://live.example/a", summary="See [this](http://live.example/b).")
    base = f"incidents/{incident['id']}"
    await page.post(f"{base}/observables", {"observables": [{"type": "domain", "value": "known.example"}]})
    note = "![x](http://live.example/c.png) <http://live.example/d> `wget known.example` www.live.example"
    await page.post(f"{base}/notes", {"body": note})
    await page.post(f"{base}/timeline", {"message": "known.example answered"})
    text = (await page.get(f"{base}/report", params={"format": kind})).text
    assert "<a" not in text
    assert "live.example" not in text
    assert "known.example" not in text
    for end in "abcd":
        assert f"hxxp://live[.]example/{end}" in text.replace("\\", ""), end


async def test_the_report_of_a_merged_incident_says_first_where_it_went(page: Page) -> None:
    target, source = await opened(page), await opened(page)
    await done(page, target, "merge", {"incident_ids": [source["id"]]})
    text = (await page.get(f"incidents/{source['id']}/report", params={"format": "markdown"})).text
    rows = [line for line in text.splitlines() if line.startswith("| ")]
    assert rows[2] == f"| Merged into | Incident {target['number']}; what came of it is told there |"
    assert "Merged from" not in text
    assert text.split("## Clocks")[1].split("##")[0].strip() == "None."
    whole = (await page.get(f"incidents/{target['id']}/report", params={"format": "markdown"})).text
    assert f"| Merged from | Incident {source['number']} |" in whole
    ecs = (await page.get(f"incidents/{source['id']}/export")).json()
    assert ecs["eventsec"]["incident"]["merged_into"] == target["number"]


async def test_links_are_told_from_both_ends(page: Page) -> None:
    here, there = await opened(page, title="Here"), await opened(page, title="There")
    linked = await page.post(f"incidents/{here['id']}/links", {"other_id": there["id"], "relation": "caused_by"})
    assert linked.status_code == 201, linked.text
    for incident, other, said in ((here, there, "Caused by"), (there, here, "Cause of")):
        text = (await page.get(f"incidents/{incident['id']}/report", params={"format": "markdown"})).text
        assert f"| {said} | {other['number']} | {other['title']} |" in text
        ecs = (await page.get(f"incidents/{incident['id']}/export")).json()
        told = {"number": other["number"], "relation": "caused_by", "reverse": incident is there}
        assert ecs["eventsec"]["incident"]["links"] == [told]


async def test_the_exports_are_documents_for_programs(page: Page, whole: dict[str, Any]) -> None:
    ecs = (await page.get(f"incidents/{whole['id']}/export")).json()
    assert ecs["event"]["kind"] == "alert"
    assert ecs["threat"]["technique"]["id"] == ["T1566"]
    ocsf = (await page.get(f"incidents/{whole['id']}/export", params={"format": "ocsf"})).json()
    assert (ocsf["class_uid"], ocsf["severity_id"], ocsf["status"]) == (2005, 3, "Closed")
    assert len(ocsf["finding_info_list"]) == 3


async def test_the_report_has_what_was_said_on_either_side_of_a_review(
    page: Page, api: Api, acme: Tenant, session: AsyncSession
) -> None:
    lead = await page_of(api, await make_person(session, acme, "lead"))
    incident = await opened_of(page, *await alerts_of(session, acme, 1), severity=5, summary="All of it.")
    moment = {"eradicated_at": clock.isoformat(clock.now())}
    await page.call("PATCH", f"incidents/{incident['id']}", json=moment, headers={"If-Match": "*"})
    await done(page, incident, "review", CLOSING | {"comment": "Hosts are clean."})
    await done(lead, incident, "review/decide", {"decision": "sent_back", "comment": "And the printer?"})
    report = (await page.get(f"incidents/{incident['id']}/report", params={"format": "markdown"})).text
    assert "Hosts are clean." in report
    assert "And the printer?" in report
    assert f"not set → {moment['eradicated_at']}" in report


async def test_what_a_linked_alert_has_is_not_taken_out(page: Page, acme: Tenant, session: AsyncSession) -> None:
    (alert,) = await alerts_of(session, acme, 1)
    incident = await opened_of(page, alert)
    path = f"incidents/{incident['id']}/observables"
    added = await page.post(path, {"observables": [{"type": "domain", "value": "noise.example"}]})
    assert added.status_code == 200, added.text
    (held,) = (await page.get(path)).json()["items"]
    session.add(AlertObservable(alert_id=alert.id, observable_id=UUID(held["observable_id"]), fields=["url.domain"]))
    await session.commit()
    refused = await page.delete(f"{path}/{held['id']}")
    assert (refused.status_code, refused.json()["code"]) == (409, "observable_in_alerts")
    await done(page, incident, "alerts/unlink", {"alert_ids": [str(alert.id)]})
    assert (await page.delete(f"{path}/{held['id']}")).status_code == 204


@pytest.mark.parametrize(
    ("kind", "written", "kept"),
    [
        ("ip", "203[.]0[.]113[.]250", ("ip", "203.0.113.250", False)),
        ("ip", "127.0.0.1", ("ip", "127.0.0.1", True)),
        ("domain", "evil(dot)example[.]com", ("domain", "evil.example.com", False)),
        ("email", "eve[at]evil.example.com", ("email", "eve@evil.example.com", False)),
    ],
)
async def test_a_typed_value_is_read_as_a_pasted_one_is(
    kind: str, written: str, kept: tuple[str, str, bool], page: Page
) -> None:
    path = f"incidents/{(await opened_of(page))['id']}/observables"
    for body in ({"observables": [{"type": kind, "value": written}]}, {"text": f"{kind}: {written}"}):
        (one,) = (await page.post(path, body | {"dry_run": True})).json()["found"]
        assert (one["type"], one["value"], one["internal"]) == kept
        assert one["original"] == written


async def test_a_typed_value_that_is_none_is_told_of_at_its_place(page: Page) -> None:
    path = f"incidents/{(await opened_of(page))['id']}/observables"
    given = [("ip", "999.1.1.1"), ("ip", "203.0.113.250"), ("hash", "zzz"), ("user", "root")]
    refused = await page.post(path, {"observables": [{"type": kind, "value": value} for kind, value in given]})
    assert (refused.status_code, refused.json()["code"]) == (422, "bad_observable")
    assert [(one["pointer"], one["detail"]) for one in refused.json()["errors"]] == [
        ("#/observables/0/value", "This is no IP address."),
        ("#/observables/2/value", "This is no hash of 32, 40, 64 or 128 hexadecimal digits."),
        ("#/observables/3/value", "This is over 1,024 bytes, or says nothing, as `root` does."),
    ]


async def test_observables_are_pasted_judged_and_taken_out(page: Page, acme: Tenant, session: AsyncSession) -> None:
    incident = await opened_of(page, *await alerts_of(session, acme, 1))
    path = f"incidents/{incident['id']}/observables"
    text = "From: eve@evil.example.com\n198.51.100[.]7 talked to hxxp://evil[.]example[.]com/a\n10.0.0.0/8\n"
    seen = (await page.post(path, {"text": text, "dry_run": True})).json()
    pairs = {(one["type"], one["value"]) for one in seen["found"]}
    assert {("email", "eve@evil.example.com"), ("ip", "198.51.100.7"), ("domain", "evil.example.com")} <= pairs
    assert (seen["added"], seen["already_there"], "10.0.0.0/8" in seen["left_over"]) == (len(pairs), 0, True)
    assert (await page.get(path)).json()["items"] == []
    body = {"text": text, "observables": [{"type": "cve", "value": "cve-2026-12345"}], "tags": ["mail"]}
    added = (await page.post(path, body)).json()
    assert added["added"] == len(pairs) + 1
    again = (await page.post(path, body)).json()
    assert (again["added"], again["already_there"]) == (0, len(pairs) + 1)
    assert (await page.post(path, {"observables": [{"type": "ip", "value": "x"}]})).json()["code"] == "bad_observable"
    listed = (await page.get(path, params={"limit": 2})).json()
    rest = (await page.get(path, params={"cursor": listed["next_cursor"]})).json()
    everything = listed["items"] + rest["items"]
    assert len(everything) == len(pairs) + 1
    (address,) = (await page.get(path, params={"type": "ip"})).json()["items"]
    one = f"{path}/{address['id']}"
    assert (await page.call("PATCH", one, json={"verdict": "malicious"})).status_code == 428
    judged = await page.call("PATCH", one, json={"verdict": "malicious", "ioc": True}, headers={"If-Match": '"1"'})
    assert (judged.json()["verdict"], judged.json()["ioc"], judged.json()["revision"]) == ("malicious", True, 2)
    stale = await page.call("PATCH", one, json={"note": "x"}, headers={"If-Match": '"1"'})
    assert (stale.status_code, stale.json()["current"]["verdict"]) == (412, "malicious")
    assert (await page.delete(one)).status_code == 204
    assert (await page.get(one)).status_code == 404
    found = await page.get("incidents", params={"query": "observable.domain:evil.example.com"})
    assert [row["id"] for row in found.json()["items"]] == [incident["id"]]


async def test_reports_that_take_long_to_write_stop_nobody_else(
    bare_settings: ApiSettings, acme: Tenant, session: AsyncSession, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running(bare_settings.model_copy(update={"postgres_pool_size": 2}), acme.token) as api:
        page = await page_of(api, await make_person(session, acme))
        incident = await opened(page)
        begun, go_on = threading.Semaphore(0), threading.Event()

        def slow(*_: Any, **__: Any) -> str:
            begun.release()
            go_on.wait(20)
            return "written"

        monkeypatch.setattr(report_html, "as_html", slow)
        asked = [asyncio.create_task(page.get(f"incidents/{incident['id']}/report")) for _ in range(3)]
        try:
            for _ in range(2):
                assert await asyncio.to_thread(begun.acquire, timeout=15)
            assert (await page.get("incidents", params={"limit": 1})).status_code == 200
        finally:
            go_on.set()
        assert [(await one).text for one in asked] == ["written"] * 3
