"""`python -m services.api`: the api process on its own port, with our logs and a bounded drain."""

import uvicorn

from services.api.app import create_app
from services.api.settings import ApiSettings
from shared import log


def main() -> None:
    """Read the settings once and serve until SIGTERM or SIGINT."""
    settings = ApiSettings()
    log.configure("api", log_format=settings.log_format, level=settings.log_level)
    uvicorn.run(
        create_app(settings),
        host=settings.api_host,
        port=settings.api_port,
        loop="uvloop",
        http="httptools",
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=int(settings.shutdown_seconds),
    )


if __name__ == "__main__":
    main()
