"""Secrets that come by file, and URLs of stores whose password stands beside them."""

import contextlib
from base64 import b64encode
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any, TypeAlias
from urllib.parse import parse_qs, quote, unquote, urlsplit

from pydantic import SecretStr, ValidatorFunctionWrapHandler, WrapValidator

from shared.errors import Invalid

BY_FILE = "_FILE"
MOST_BYTES = 1 << 20

# Called anew for each connection where the password may change while we run.
Url: TypeAlias = str | Callable[[], str]


class FromFile(str):
    """A setting's text that was read from a file."""

    path: Path


class SecretFile(SecretStr):
    """A secret that is read anew whenever it is asked for, so that who replaces the file need not restart us.

    While the file is missing or empty (it is being replaced) it is what it was last.
    """

    def __init__(self, text: FromFile) -> None:
        super().__init__(str(text))
        self._path = text.path

    def get_secret_value(self) -> str:
        """The file's text as it is now.

        Read on the event loop: a line of a local file, once for each new connection.
        """
        with contextlib.suppress(OSError, ValueError):
            self._secret_value = text_of(self._path)
        return self._secret_value


def _keep_file(value: Any, validated: ValidatorFunctionWrapHandler) -> Any:
    if isinstance(value, FromFile):
        return SecretFile(value)
    return value if isinstance(value, SecretFile) else validated(value)


Password = Annotated[SecretStr, WrapValidator(_keep_file)]
"""A secret that stays a `SecretFile` where it came by file."""


def text_of(path: Path) -> str:
    """A secret file's text without the white space at its end. Raises OSError, or ValueError for what is no text."""
    with path.open("rb") as file:
        content = file.read(MOST_BYTES + 1)
    if len(content) > MOST_BYTES:
        raise ValueError(f"holds more than {MOST_BYTES} bytes")
    if not (text := content.decode().rstrip()):
        raise ValueError("is empty")
    return text


def from_files(names: Iterable[str], environment: Mapping[str, str]) -> dict[str, FromFile]:
    """What the variables `NAME_FILE` among these `names` lead to, by `NAME`.

    Raises Invalid, naming the variable, where both are set or the file gives no text.
    """
    found = {}
    for name in names:
        variable = name + BY_FILE
        if (path := environment.get(variable)) is None:
            continue
        if name in environment:
            raise Invalid(f"{name} and {variable} are both set: leave one out", code="ambiguous_setting")
        try:
            text = FromFile(text_of(Path(path)))
        except OSError as error:
            raise Invalid(f"{variable}: {path!r} cannot be read: {error.strerror}", code="unreadable_file") from error
        except UnicodeDecodeError:
            raise Invalid(f"{variable}: {path!r} is no text in UTF-8", code="unreadable_file") from None
        except ValueError as error:
            raise Invalid(f"{variable}: {path!r} {error}", code="unreadable_file") from None
        text.path = Path(path)
        found[name] = text
    return found


def with_password(url: str, password: SecretStr | None) -> str:
    """The URL with the password in it."""
    if password is None:
        return url
    scheme, mark, rest = url.partition("://")
    # Not by urllib: it does not know a URL of several hosts, which libpq's form has.
    ends = min((at for at in map(rest.find, "/?#") if at >= 0), default=len(rest))
    user, _, hosts = rest[:ends].rpartition("@")
    return f"{scheme}{mark}{user}:{quote(password.get_secret_value(), safe='')}@{hosts}{rest[ends:]}"


def with_option(url: str, name: str, value: object) -> str:
    """The URL with this option, where it has none of that name; None adds nothing."""
    query = urlsplit(url).query
    if value is None or name in parse_qs(query):
        return url
    return f"{url}{'&' if query else '?'}{name}={quote(str(value), safe='')}"


def holds_password(url: str) -> bool:
    """True for a URL with a password in its login."""
    return ":" in urlsplit(url).netloc.rpartition("@")[0]


def basic(url: str) -> str:
    """The header that shows a URL's login to its server."""
    parts = urlsplit(url)
    login = f"{unquote(parts.username or '')}:{unquote(parts.password or '')}"
    return f"Basic {b64encode(login.encode()).decode()}"


def current(url: Url) -> str:
    """The URL as the next connection uses it."""
    return url if isinstance(url, str) else url()
