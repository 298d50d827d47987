"""Evidence over the API: handed in and given out as it came, with its way, and found out when it was changed."""

import asyncio
import hashlib
import os
import socket
from base64 import b64encode
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from sqlalchemy import delete, select
from sqlalchemy.ext.asyncio import AsyncSession

from services.api.incidents import custody
from services.api.settings import ApiSettings
from shared import clock
from shared.models import AuditEntry, Evidence
from tests.fixtures.postgres import Postgres
from tests.integration.api.calling import Api, running
from tests.integration.api.incidents import done, opened, shown
from tests.integration.api.rows import Tenant, make_person
from tests.integration.api.signed_in import Page, page_of
from tests.integration.api.test_process import serving

MIB = 1 << 20
PDF = b"%PDF-1.7\n" + bytes(range(256)) * 40


@pytest.fixture
async def page(api: Api, acme: Tenant, session: AsyncSession) -> AsyncIterator[Page]:
    """An analyst of Acme."""
    yield await page_of(api, await make_person(session, acme, "analyst"))


async def handed_in(page: Page, incident: dict[str, Any], content: bytes = PDF, **params: str) -> dict[str, Any]:
    reply = await page.call(
        "POST", f"incidents/{incident['id']}/evidence", content=content, params={"name": "scan.pdf"} | params
    )
    assert reply.status_code == 201, reply.text
    made: dict[str, Any] = reply.json()
    return made


def path_of(evidence: dict[str, Any]) -> str:
    return f"incidents/{evidence['incident_id']}/evidence/{evidence['id']}"


def on_disk(folder: Path, evidence: dict[str, Any]) -> Path:
    (found,) = folder.rglob(str(evidence["id"]))
    return found


def all_in(folder: Path) -> set[Path]:
    return {file for file in folder.rglob("*") if file.is_file()}


async def steps(page: Page, evidence: dict[str, Any]) -> list[str]:
    return [one["action"] for one in (await page.get(f"{path_of(evidence)}/custody")).json()["items"]]


async def test_it_goes_out_as_it_came_and_its_way_is_kept(page: Page, session: AsyncSession) -> None:
    incident = await opened(page)
    evidence = await handed_in(page, incident, name="Beweis „1“.pdf", description="Ann's screen")
    assert (evidence["size"], evidence["media_type"]) == (len(PDF), "application/pdf")
    assert evidence["sha256"] == hashlib.sha256(PDF).hexdigest()
    got = await page.get(f"{path_of(evidence)}/content")
    assert got.content == PDF
    assert got.headers["content-type"] == "application/octet-stream"
    assert got.headers["content-disposition"].startswith("attachment; filename*=UTF-8''Beweis%20")
    assert (got.headers["x-content-type-options"], got.headers["content-security-policy"]) == ("nosniff", "sandbox")
    assert got.headers["repr-digest"] == f"sha-256=:{b64encode(hashlib.sha256(PDF).digest()).decode()}:"
    verified = (await page.post(f"{path_of(evidence)}/verify")).json()
    assert (verified["verdict"], verified["found_sha256"]) == ("intact", evidence["sha256"])
    path = path_of(evidence)
    assert (await page.call("PATCH", path, json={"description": "x"})).status_code == 428
    described = await page.call("PATCH", path, json={"description": "Mine"}, headers={"If-Match": '"1"'})
    assert (described.json()["description"], described.json()["revision"]) == ("Mine", 2)
    assert await steps(page, evidence) == ["uploaded", "downloaded", "verified", "described"]
    rows = select(AuditEntry.action).where(AuditEntry.object_id == incident["id"]).order_by(AuditEntry.id)
    assert [one.removeprefix("incident.") for one in await session.scalars(rows)] == [
        "created", "evidence_added", "evidence_downloaded", "evidence_verified", "evidence_described",
    ]  # fmt: skip
    assert (await shown(page, incident))["counts"]["evidence"] == 1


async def test_what_was_changed_on_the_disk_is_found_out_and_not_given_out(page: Page, evidence_folder: Path) -> None:
    incident = await opened(page)
    small, large = await handed_in(page, incident), await handed_in(page, incident, os.urandom(3 * MIB))
    for evidence in (small, large):
        file = on_disk(evidence_folder, evidence)
        content = bytearray(file.read_bytes())
        content[len(content) // 2] ^= 1
        file.write_bytes(content)
    refused = await page.get(f"{path_of(small)}/content")
    assert (refused.status_code, refused.json()["code"]) == (500, "evidence_changed")
    with pytest.raises(Exception):  # noqa: B017 - the connection breaks off, however the client says that
        await page.get(f"{path_of(large)}/content")
    for evidence in (small, large):
        verified = (await page.post(f"{path_of(evidence)}/verify")).json()
        found = hashlib.sha256(on_disk(evidence_folder, evidence).read_bytes()).hexdigest()
        assert [verified[name] for name in ("verdict", "sha256", "found_sha256")] == [
            "changed", evidence["sha256"], found,
        ]  # fmt: skip
        way = (await page.get(f"{path_of(evidence)}/custody")).json()["items"]
        assert way[-1]["details"] == {"found_sha256": found}
        assert "found_changed" in await steps(page, evidence)
    timeline = (await page.get(f"incidents/{incident['id']}/timeline")).json()["items"]
    assert any(one["message"] == "Evidence scan.pdf was found changed" for one in timeline)
    on_disk(evidence_folder, small).unlink()
    verified = (await page.post(f"{path_of(small)}/verify")).json()
    assert (verified["verdict"], verified["found_sha256"]) == ("missing", None)
    gone = await page.get(f"{path_of(small)}/content")
    assert (gone.status_code, gone.json()["code"]) == (404, "evidence_file_missing")


async def test_removed_bytes_are_gone_and_what_is_known_stays(page: Page, api: Api, evidence_folder: Path) -> None:
    incident = await opened(page)
    evidence = await handed_in(page, incident)
    assert (await page.delete(path_of(evidence))).status_code == 422, "it needs a reason"
    file = on_disk(evidence_folder, evidence)
    removed = await page.delete(path_of(evidence), params={"reason": "A private photograph"})
    assert removed.json()["removed_at"] is not None
    assert not file.exists()
    for reply in (await page.get(f"{path_of(evidence)}/content"), await page.post(f"{path_of(evidence)}/verify")):
        assert (reply.status_code, reply.json()["code"]) == (409, "evidence_removed")
    assert (await page.get(path_of(evidence))).json()["sha256"] == evidence["sha256"]
    assert await steps(page, evidence) == ["uploaded", "removed"]


async def test_nothing_is_removed_under_legal_hold(page: Page, api: Api, acme: Tenant, session: AsyncSession) -> None:
    lead = await page_of(api, await make_person(session, acme, "lead"))
    incident = await opened(page)
    evidence = await handed_in(page, incident)
    held = await page.post(f"incidents/{incident['id']}/legal-hold", {"legal_hold": True}, headers={"If-Match": "*"})
    assert held.status_code == 403
    assert (await done(lead, incident, "legal-hold", {"legal_hold": True}))["legal_hold"]
    refused = await page.delete(path_of(evidence), params={"reason": "x"})
    assert (refused.status_code, refused.json()["code"]) == (409, "on_legal_hold")
    await done(lead, incident, "legal-hold", {"legal_hold": False})
    assert (await page.delete(path_of(evidence), params={"reason": "x"})).status_code == 200


async def test_no_trace_for_who_is_no_member(page: Page, api: Api, acme: Tenant, session: AsyncSession) -> None:
    stranger = await page_of(api, await make_person(session, acme, "admin"))
    incident = await opened(page, restricted=True)
    evidence = await handed_in(page, incident)
    for path in ("", "/content", "/custody"):
        assert (await stranger.get(f"{path_of(evidence)}{path}")).status_code == 404
    upload = await stranger.call("POST", f"incidents/{incident['id']}/evidence", content=b"x", params={"name": "x"})
    assert upload.status_code == 404


async def test_too_large_a_file_is_refused_and_leaves_nothing(
    bare_settings: ApiSettings, acme: Tenant, page: Page, session: AsyncSession
) -> None:
    incident = await opened(page)
    async with running(bare_settings.model_copy(update={"evidence_max_bytes": 2 * MIB}), acme.token) as small:
        path = f"incidents/{incident['id']}/evidence"
        reply = await small.call("POST", path, content=bytes(2 * MIB + 1), params={"name": "x"})
        assert (reply.status_code, reply.json()["code"]) == (413, "file_too_large")
        assert (await small.call("POST", path, content=bytes(2 * MIB), params={"name": "x"})).status_code == 201
    assert len((await session.scalars(select(Evidence).where(Evidence.incident_id == incident["id"]))).all()) == 1


async def test_a_form_is_not_the_file_in_it(page: Page, api: Api, session: AsyncSession) -> None:
    incident = await opened(page)
    path = f"incidents/{incident['id']}/evidence"
    refused = await page.call("POST", path, files={"file": ("scan.pdf", PDF)}, params={"name": "scan.pdf"})
    assert (refused.status_code, refused.json()["code"]) == (415, "unsupported_media_type")
    assert "--data-binary @file" in refused.json()["detail"]
    assert (await page.get(path)).json()["items"] == []
    operation = api.application.openapi()["paths"]["/api/v1/incidents/{incident_id}/evidence"]["post"]
    assert "--data-binary @file" in operation["responses"]["415"]["description"]


async def test_an_empty_body_is_no_evidence_and_leaves_nothing(page: Page, evidence_folder: Path) -> None:
    incident = await opened(page)
    there = all_in(evidence_folder)
    path = f"incidents/{incident['id']}/evidence"
    refused = await page.call("POST", path, content=b"", params={"name": "scan.pdf"})
    assert (refused.status_code, refused.json()["code"]) == (422, "empty_evidence")
    assert (await page.get(path)).json()["items"] == []
    assert all_in(evidence_folder) == there


@pytest.mark.usefixtures("still")
async def test_what_no_row_names_is_swept(page: Page, api: Api, evidence_folder: Path, session: AsyncSession) -> None:
    incident = await opened(page)
    kept, orphan, removed, young = [await handed_in(page, incident) for _ in range(4)]
    files = [on_disk(evidence_folder, one) for one in (kept, orphan, removed, young)]
    await page.delete(path_of(removed), params={"reason": "x"})
    files[2].write_bytes(b"its deletion failed")
    old = (clock.now() - custody.SWEPT_AFTER - timedelta(hours=1)).timestamp()
    for file in files[:3]:
        os.utime(file, (old, old))
    # As if the process had ended between the file and its row.
    for one in (orphan, young):
        await session.execute(delete(Evidence).where(Evidence.id == one["id"]))
    await session.commit()
    assert await custody.sweep(api.resources) == 2
    assert [file.exists() for file in files] == [True, False, False, True]


@pytest.mark.usefixtures("still")
async def test_files_of_another_database_are_not_swept(
    api: Api, evidence_folder: Path, monkeypatch: pytest.MonkeyPatch, page: Page, session: AsyncSession
) -> None:
    monkeypatch.setattr(custody, "FEW", 1)
    incident = await opened(page)
    some = [await handed_in(page, incident) for _ in range(3)]
    files = [on_disk(evidence_folder, one) for one in some]
    old = (clock.now() - custody.SWEPT_AFTER - timedelta(hours=1)).timestamp()
    for file in files:
        os.utime(file, (old, old))
    await session.execute(delete(Evidence).where(Evidence.id.in_([one["id"] for one in some])))
    await session.commit()
    assert await custody.sweep(api.resources) == 0
    assert all(file.exists() for file in files)
    for file in files:
        file.unlink()


def _resident_mib(pid: int) -> float:
    """The most it ever had in memory."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    peak = next(line for line in lines if line.startswith("VmHWM"))
    return int(peak.split()[1]) / 1024


BLOCK = bytes(range(256)) * 4096


async def _blocks(count: int) -> AsyncIterator[bytes]:
    for _ in range(count):
        yield BLOCK


@pytest.fixture
async def incident_path(session: AsyncSession, page: Page, acme: Tenant) -> str:
    return f"/api/v1/incidents/{(await opened(page))['id']}/evidence"


async def test_a_gigabyte_is_taken_in_and_given_out_with_flat_memory(
    database: Postgres, acme: Tenant, tmp_path: Path, incident_path: str
) -> None:
    size = 1024
    (tmp_path / "files").mkdir()
    told = {"EVENTSEC_EVIDENCE_FOLDER": str(tmp_path / "files"), "EVENTSEC_EVIDENCE_RESERVE_BYTES": "0"}
    with serving(database, "services.api", **told) as (process, url):
        headers = {"Authorization": f"Bearer {acme.token}"}
        async with httpx.AsyncClient(base_url=url, headers=headers, timeout=300) as client:
            await client.post(incident_path, params={"name": "warm"}, content=_blocks(16))
            before = _resident_mib(process.pid)
            made = await client.post(incident_path, params={"name": "disk.img"}, content=_blocks(size))
            assert (made.status_code, made.json()["size"]) == (201, size * MIB)
            digest = hashlib.sha256()
            for _ in range(size):
                digest.update(BLOCK)
            assert made.json()["sha256"] == digest.hexdigest()
            got = hashlib.sha256()
            async with client.stream("GET", f"{incident_path}/{made.json()['id']}/content") as reply:
                async for piece in reply.aiter_raw():
                    got.update(piece)
            assert got.hexdigest() == made.json()["sha256"]
            more = _resident_mib(process.pid) - before
            print(f"1 GiB in and out: {more:.1f} MiB more than for 16 MiB")
            assert more < 32


async def test_an_upload_that_is_cut_half_way_leaves_nothing(
    database: Postgres, acme: Tenant, tmp_path: Path, incident_path: str, session: AsyncSession
) -> None:
    folder = tmp_path / "files"
    folder.mkdir()
    told = {"EVENTSEC_EVIDENCE_FOLDER": str(folder), "EVENTSEC_EVIDENCE_RESERVE_BYTES": "0"}
    with serving(database, "services.api", **told) as (_, url):
        host, port = url.removeprefix("http://").split(":")
        head = (
            f"POST {incident_path}?name=cut HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {acme.token}\r\n"
            f"Content-Length: {64 * MIB}\r\n\r\n"
        )
        with socket.create_connection((host, int(port))) as cut:
            cut.sendall(head.encode())
            for _ in range(20):
                cut.sendall(BLOCK)
            async with asyncio.timeout(20):
                while not [one for one in folder.rglob("*") if one.is_file()]:
                    await asyncio.sleep(0.05)
        async with asyncio.timeout(20):
            while [one for one in folder.rglob("*") if one.is_file()]:
                await asyncio.sleep(0.05)
    assert await session.scalar(select(Evidence).where(Evidence.name == "cut")) is None
