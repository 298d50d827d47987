"""Every table, mapped; importing this package makes the metadata whole."""

from shared.db.base import Base
from shared.models.alert import Alert
from shared.models.api_token import ApiToken
from shared.models.event import Event, EventPeriod
from shared.models.observable import AlertObservable, Observable
from shared.models.organization import Organization
from shared.models.outbox import OutboxMessage
from shared.models.process_control import ProcessControl
from shared.models.projection import ProjectionPending, SearchGeneration
from shared.models.quarantine import QuarantinedRecord
from shared.models.receipt import Batch, Envelope, SensorAccount
from shared.models.sensor import Sensor, SensorKey
from shared.models.user import User

__all__ = [
    "Alert",
    "AlertObservable",
    "ApiToken",
    "Base",
    "Batch",
    "Envelope",
    "Event",
    "EventPeriod",
    "Observable",
    "Organization",
    "OutboxMessage",
    "ProcessControl",
    "ProjectionPending",
    "QuarantinedRecord",
    "SearchGeneration",
    "Sensor",
    "SensorAccount",
    "SensorKey",
    "User",
]
