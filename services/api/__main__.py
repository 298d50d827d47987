"""`python -m services.api`: the api process on its own port, with our logs and a bounded drain."""

import contextlib
import sys

import uvicorn
from starlette.types import ASGIApp

from services.api.app import create_app
from services.api.settings import ApiSettings
from shared import log, starting


def main() -> None:
    """Read the settings once and serve until SIGTERM or SIGINT."""
    settings = starting.read(ApiSettings)
    log.configure("api", log_format=settings.log_format, level=settings.log_level)
    server = uvicorn.Server(config(create_app(settings), settings))
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit(1)


def config(app: ASGIApp, settings: ApiSettings) -> uvicorn.Config:
    """How the application is served."""
    return uvicorn.Config(
        app,
        host=settings.api_host,
        port=settings.api_port,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=settings.trusted_proxies,
        timeout_keep_alive=settings.api_idle_seconds,
        timeout_graceful_shutdown=int(settings.shutdown_seconds),
    )


if __name__ == "__main__":
    main()
