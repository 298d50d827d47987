"""Where evidence is kept: the settings that go together, and those that production refuses."""

from typing import Any

import pytest
from pydantic import ValidationError

from services.api.settings import ApiSettings
from shared.errors import EventSecError

WHOLE: dict[str, Any] = {
    "evidence_s3_url": "https://s3.example.org",
    "evidence_s3_bucket": "evidence",
    "evidence_s3_access_key": "us",
    "evidence_s3_secret_key": "secret",
}
SAFE: dict[str, Any] = {
    "env": "production",
    "public_url": "https://soc.example.org",
    "secret_keys": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "rabbitmq_url": "amqps://eventsec:secret@mq.example.org/",
    "postgres_url": "postgresql://eventsec:secret@db.example.org/eventsec?sslmode=verify-full",
}


def test_a_store_behind_s3_is_whole() -> None:
    ApiSettings(**WHOLE)
    for name in WHOLE.keys() - {"evidence_s3_url"}:
        with pytest.raises(EventSecError, match="EVIDENCE_S3_BUCKET"):
            ApiSettings(**{known: value for known, value in WHOLE.items() if known != name})


@pytest.mark.parametrize(
    "url", ["s3.example.org", "ftp://s3.example.org", "https://us:secret@s3.example.org", "https://s3.example.org?a=b"]
)
def test_the_url_of_a_store_is_a_plain_one(url: str) -> None:
    with pytest.raises(EventSecError, match="of the form"):
        ApiSettings(**WHOLE | {"evidence_s3_url": url})


@pytest.mark.parametrize("bucket", ["a/b", "..", "Evidence", "evidence?"])
def test_a_bucket_has_a_name(bucket: str) -> None:
    with pytest.raises(ValidationError):
        ApiSettings(**WHOLE | {"evidence_s3_bucket": bucket})


def test_production_sends_evidence_over_tls_or_loopback() -> None:
    for url in ("https://s3.example.org", "http://127.0.0.1:8333"):
        ApiSettings(**WHOLE | SAFE | {"evidence_s3_url": url})
    with pytest.raises(EventSecError, match="EVENTSEC_EVIDENCE_S3_URL without TLS"):
        ApiSettings(**WHOLE | SAFE | {"evidence_s3_url": "http://s3.example.org"})
