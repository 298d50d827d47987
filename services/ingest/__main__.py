"""`python -m services.ingest`: the door with the server settings it is meant to run with."""

import uvicorn

from services.ingest.app import app
from services.ingest.protocol import BoundedHttp
from shared import log


def main() -> None:
    """Serve until SIGTERM, then finish what is in flight within the time allowed."""
    settings = app.parts.settings
    log.configure("ingest", log_format=settings.log_format, level=settings.log_level)
    config = uvicorn.Config(
        app,
        host=settings.ingest_host,
        port=settings.ingest_port,
        loop="uvloop",
        http=BoundedHttp,
        log_config=None,
        access_log=False,
        server_header=False,
        forwarded_allow_ips=settings.trusted_proxies,
        limit_concurrency=settings.ingest_connections,
        # A server that closes before its shippers do makes them lose a request in flight.
        timeout_keep_alive=settings.ingest_idle_seconds,
        timeout_graceful_shutdown=int(settings.shutdown_seconds),
    )
    uvicorn.Server(config).run()


if __name__ == "__main__":
    main()
