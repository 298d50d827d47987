"""Rows for the tests of the tables: all that a test does not care about has a default."""

import secrets
from datetime import timedelta
from typing import Any

from shared import clock
from shared.models import (
    Alert,
    AlertNote,
    ApiToken,
    Job,
    Notification,
    NotificationChannel,
    Observable,
    Organization,
    Sensor,
    SensorKey,
    Session,
    Suppression,
    User,
)


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


def make_session(person: User, **values: Any) -> Session:
    now = clock.now()
    defaults = {
        "user": person,
        "token_hash": secrets.token_bytes(32),
        "address": "192.0.2.1",
        "user_agent": "test",
        "expires_at": now + timedelta(hours=1),
        "last_used_at": now,
    }
    return Session(**(defaults | values))


def make_note(alert: Alert, **values: Any) -> AlertNote:
    defaults = {"alert": alert, "organization_id": alert.organization_id, "author_name": "Ada", "body": "seen"}
    return AlertNote(**(defaults | values))


def make_job(organization: Organization, **values: Any) -> Job:
    return Job(**({"organization": organization, "kind": "test"} | values))


def make_suppression(organization: Organization, **values: Any) -> Suppression:
    now = clock.now()
    defaults = {
        "organization": organization,
        "name": "scanner",
        "query": "rule.id:1",
        "reason": "ours",
        "mode": "active",
        "starts_at": now,
        "ends_at": now + timedelta(days=1),
    }
    return Suppression(**(defaults | values))


def make_channel(organization: Organization, **values: Any) -> NotificationChannel:
    defaults = {"organization": organization, "kind": "email", "name": f"channel {secrets.token_hex(4)}"}
    return NotificationChannel(**(defaults | values))


def make_notification(organization: Organization, **values: Any) -> Notification:
    defaults = {
        "organization": organization,
        "kind": "test",
        "dedupe_key": secrets.token_hex(8),
        "subject": "a test",
        "due_at": clock.now(),
    }
    return Notification(**(defaults | values))
