"""Every table, mapped; importing this package makes the metadata whole."""

from shared.db.base import Base
from shared.models.alert import Alert
from shared.models.alert_clock import AlertClockSum, AlertClockWord
from shared.models.alert_note import AlertNote, AlertNoteVersion
from shared.models.api_token import ApiToken
from shared.models.audit import AuditEntry, AuditPending, AuditSeal
from shared.models.close_reason import CloseReason
from shared.models.event import Event, EventPeriod
from shared.models.evidence import Evidence, EvidenceCustody
from shared.models.handover import Handover, HandoverItem
from shared.models.idempotency_key import IdempotencyKey
from shared.models.imported import ImportedItem
from shared.models.incident import Incident, IncidentCounter, IncidentMember, IncidentPause, IncidentWatch
from shared.models.incident_alert import IncidentAlert, IncidentEvent, IncidentFollowing
from shared.models.incident_entry import IncidentEntry
from shared.models.incident_link import IncidentLink
from shared.models.incident_note import IncidentNote, IncidentNoteVersion, IncidentSummaryVersion
from shared.models.incident_observable import IncidentObservable
from shared.models.incident_review import IncidentReview
from shared.models.incident_task import IncidentTask
from shared.models.incident_template import IncidentTemplate
from shared.models.invitation import Invitation
from shared.models.job import Job, JobItem, JobOutput
from shared.models.notification import Notification, NotificationChannel, NotificationRoute
from shared.models.observable import AlertObservable, Observable
from shared.models.organization import Organization
from shared.models.outbox import OutboxMessage
from shared.models.process_control import ProcessControl
from shared.models.projection import ProjectionPending, SearchGeneration
from shared.models.quarantine import QuarantinedRecord
from shared.models.receipt import Batch, Envelope, SensorAccount
from shared.models.saved_view import SavedView
from shared.models.sensor import Sensor, SensorKey
from shared.models.session import LoginThrottle, OidcLogin, Session
from shared.models.snooze import Snooze
from shared.models.suppression import Suppression, SuppressionMatch, SuppressionVersion
from shared.models.user import Membership, User

__all__ = [
    "Alert",
    "AlertClockSum",
    "AlertClockWord",
    "AlertNote",
    "AlertNoteVersion",
    "AlertObservable",
    "ApiToken",
    "AuditEntry",
    "AuditPending",
    "AuditSeal",
    "Base",
    "Batch",
    "CloseReason",
    "Envelope",
    "Event",
    "EventPeriod",
    "Evidence",
    "EvidenceCustody",
    "Handover",
    "HandoverItem",
    "IdempotencyKey",
    "ImportedItem",
    "Incident",
    "IncidentAlert",
    "IncidentCounter",
    "IncidentEntry",
    "IncidentEvent",
    "IncidentFollowing",
    "IncidentLink",
    "IncidentMember",
    "IncidentNote",
    "IncidentNoteVersion",
    "IncidentObservable",
    "IncidentPause",
    "IncidentReview",
    "IncidentSummaryVersion",
    "IncidentTask",
    "IncidentTemplate",
    "IncidentWatch",
    "Invitation",
    "Job",
    "JobItem",
    "JobOutput",
    "LoginThrottle",
    "Membership",
    "Notification",
    "NotificationChannel",
    "NotificationRoute",
    "Observable",
    "OidcLogin",
    "Organization",
    "OutboxMessage",
    "ProcessControl",
    "ProjectionPending",
    "QuarantinedRecord",
    "SavedView",
    "SearchGeneration",
    "Sensor",
    "SensorAccount",
    "SensorKey",
    "Session",
    "Snooze",
    "Suppression",
    "SuppressionMatch",
    "SuppressionVersion",
    "User",
]
