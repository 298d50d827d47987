"""`python deploy/ready.py PORT [PATH]`: status 0 when this machine's port answers PATH (/readyz) with 200.

For the health checks of containers, which run it every few seconds and have no other program for it: no import but
the socket's, so that it costs next to nothing.
"""

import socket
import sys

SECONDS = 3.0


def is_ready(port: int, path: str) -> bool:
    """Whether the answer's status is 200; raises OSError where nobody answers in time."""
    with socket.create_connection(("127.0.0.1", port), timeout=SECONDS) as connection:
        connection.sendall(f"GET {path} HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n".encode("ascii"))
        with connection.makefile("rb") as answer:
            return answer.readline(200).split(b" ")[1:2] == [b"200"]


def main(arguments: list[str]) -> int:
    port, path = int(arguments[0]), arguments[1] if len(arguments) > 1 else "/readyz"
    try:
        if is_ready(port, path):
            return 0
        print(f"not ready: {path} does not answer 200")
    except OSError as error:
        print(f"not ready: {error}")
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
