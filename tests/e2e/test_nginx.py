"""The rules that nginx serves by, in the clear and with TLS, tried with nginx itself."""

import contextlib
import os
import re
import signal
import socket
import ssl
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from deploy.demo import web
from deploy.stack import machine, packages
from deploy.stack.report import silent
from tests.architecture.place import ROOT
from tests.fixtures import certificates
from tests.fixtures.certificates import Certificates

TLS = ROOT / "deploy" / "web" / "tls.conf.template"
IMAGE = ROOT / "deploy" / "web.Dockerfile"
LOOPBACK, PAGE = "127.0.0.1", "<div id=root></div>"
HTTP2 = (1, 25, 1)  # before it, `http2` was a word of `listen`

pytestmark = pytest.mark.skipif(
    machine.program("nginx") is None and not packages.can_install(), reason="no nginx here, and none can be installed"
)


def version() -> tuple[int, ...]:
    """Nginx's."""
    said = subprocess.run([str(machine.program("nginx")), "-v"], capture_output=True, text=True, timeout=10, check=True)
    found = re.search(r"nginx/(\d+)\.(\d+)\.(\d+)", said.stderr)
    assert found, said.stderr
    return tuple(map(int, found.groups()))


@contextlib.contextmanager
def serving(
    folder: Path, *, tls: Certificates | None = None, api: str = f"{LOOPBACK}:1", said: str = ""
) -> Iterator[str]:
    """Where nginx serves a page by our rules, and by what is said on its command line. No service is behind it."""
    (folder / "index.html").write_text(PAGE, encoding="utf-8")
    port = free_port()
    filled_in = {
        "EVENTSEC_API_ADDRESS": api,
        "EVENTSEC_INGEST_ADDRESS": f"{LOOPBACK}:1",
        "EVENTSEC_WEB_LISTEN": f"{LOOPBACK}:{port}{' ssl' if tls else ''}",
        "EVENTSEC_WEB_ROOT": str(folder),
        "EVENTSEC_RESOLVER": LOOPBACK,
    }
    command = [*web.set_up(folder / "nginx", filled_in, silent), "-g", said]
    if tls:
        rules = TLS.read_text(encoding="utf-8")
        rules = rules.replace("/run/secrets/tls_certificate", str(tls.certificate))
        rules = rules.replace("/run/secrets/tls_key", str(tls.key))
        if version() < HTTP2:
            rules = rules.replace("http2 on;\n", "")
        with (folder / "nginx" / "eventsec.conf").open("a", encoding="utf-8") as file:
            file.write(rules)
    with (folder / "log").open("wb") as log, subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=log) as nginx:
        try:
            end = time.monotonic() + 10
            while nginx.poll() is None and not listens(port) and time.monotonic() < end:
                time.sleep(0.02)
            assert listens(port), (folder / "log").read_text()
            yield f"http{'s' if tls else ''}://{LOOPBACK}:{port}"
        finally:
            nginx.terminate()
            try:
                nginx.wait(10)
            except subprocess.TimeoutExpired:
                nginx.kill()


def free_port() -> int:
    """A port nobody listens on at this moment."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])


def listens(port: int) -> bool:
    """Whether somebody does."""
    with socket.socket() as probe:
        return probe.connect_ex((LOOPBACK, port)) == 0


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    with serving(tmp_path_factory.mktemp("plain")) as url, httpx.Client(base_url=url, timeout=10) as client:
        yield client


@pytest.fixture(scope="module")
def encrypted(tmp_path_factory: pytest.TempPathFactory) -> Iterator[httpx.Client]:
    folder = tmp_path_factory.mktemp("tls")
    made = certificates.make(folder)
    trusting = ssl.create_default_context(cafile=made.ca)
    with serving(folder, tls=made) as url, httpx.Client(base_url=url, timeout=10, verify=trusting) as client:
        yield client


def test_every_page_of_the_ui_is_its_one_page(plain: httpx.Client) -> None:
    for path in ("/", "/alerts", "/alerts/7", "/healthzz", "/status/metrics"):
        assert (plain.get(path).status_code, plain.get(path).text) == (200, PAGE), path
    assert plain.get("/assets/gone.js").status_code == 404


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
def test_who_asks_it_for_a_process_s_state_is_not_answered_by_the_ui(path: str, plain: httpx.Client) -> None:
    assert plain.get(path).status_code == 404
    assert PAGE not in plain.get(path).text


def test_browsers_are_bound_to_tls_by_tls_alone(plain: httpx.Client, encrypted: httpx.Client) -> None:
    for path, status in (("/", 200), ("/metrics", 404), ("/api/v1/me", 503)):
        for client, said in ((plain, None), (encrypted, "max-age=31536000")):
            answer = client.get(path)
            assert (answer.status_code, answer.headers.get("Strict-Transport-Security")) == (status, said), path


def test_many_requests_share_a_connection_with_tls(encrypted: httpx.Client) -> None:
    if version() < HTTP2:
        pytest.skip("this nginx knows no `http2` beside `listen`")
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    context.set_alpn_protocols(["h2", "http/1.1"])
    address = (LOOPBACK, encrypted.base_url.port)
    with socket.create_connection(address, 10) as raw, context.wrap_socket(raw) as connection:
        assert connection.selected_alpn_protocol() == "h2"


def test_who_looks_at_a_stream_does_not_keep_it_from_ending(tmp_path: Path) -> None:
    """It listens no more once it is to end; the next one waits for that."""
    (said,) = re.findall(r'^CMD \["nginx", "-g", "daemon off; (.*)"\]$', IMAGE.read_text("utf-8"), re.MULTILINE)
    with contextlib.ExitStack() as stack:
        api = stack.enter_context(socket.create_server((LOOPBACK, 0)))
        url = stack.enter_context(serving(tmp_path, api=f"{LOOPBACK}:{api.getsockname()[1]}", said=said))
        browser = stack.enter_context(socket.create_connection((LOOPBACK, httpx.URL(url).port or 0), 10))
        browser.sendall(b"GET /api/v1/stream HTTP/1.1\r\nHost: soc\r\n\r\n")
        api.settimeout(10)
        behind = stack.enter_context(api.accept()[0])
        behind.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\n: hello\n\n")
        assert browser.recv(4096).startswith(b"HTTP/1.1 200")
        os.kill(int((tmp_path / "nginx" / "nginx.pid").read_text()), signal.SIGQUIT)
        while browser.recv(4096):
            pass
