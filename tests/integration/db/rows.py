"""Rows for the tests of the tables: all that a test does not care about has a default."""

import secrets
from typing import Any

from shared import clock
from shared.models import Alert, ApiToken, Observable, Organization, Sensor, SensorKey, User


def make_organization(**values: Any) -> Organization:
    return Organization(**({"name": f"Organization {secrets.token_hex(4)}"} | values))


def make_user(**values: Any) -> User:
    return User(**({"email": f"{secrets.token_hex(4)}@Example.org", "name": "Ada"} | values))


def make_sensor(organization: Organization, **values: Any) -> Sensor:
    return Sensor(**({"organization": organization, "name": f"sensor {secrets.token_hex(4)}"} | values))


def make_sensor_key(sensor: Sensor, **values: Any) -> SensorKey:
    defaults = {
        "sensor": sensor,
        "organization_id": sensor.organization_id,
        "key_hash": secrets.token_bytes(32),
        "prefix": "evs_abc",
    }
    return SensorKey(**(defaults | values))


def make_api_token(organization: Organization, **values: Any) -> ApiToken:
    defaults = {"organization": organization, "name": "ci", "token_hash": secrets.token_bytes(32)}
    return ApiToken(**(defaults | values))


def make_alert(organization: Organization, **values: Any) -> Alert:
    now = clock.now()
    defaults = {
        "organization": organization,
        "fingerprint": secrets.token_bytes(16),
        "fold_window": 690,
        "title": "SSH brute force",
        "severity": 3,
        "sensor_severity": 3,
        "first_seen": now,
        "last_seen": now,
    }
    return Alert(**(defaults | values))


def make_observable(organization: Organization, **values: Any) -> Observable:
    defaults = {"organization": organization, "type": "domain", "value": f"{secrets.token_hex(8)}.example"}
    return Observable(**(defaults | values))
