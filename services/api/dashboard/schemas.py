"""What the dashboard shows. What each number means is in docs/dashboard.md."""

from datetime import datetime
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field

from shared.domain.triage import Verdict


class Ages(BaseModel):
    """How many by the time since our receipt: under an hour, four, a day, a week, and older."""

    under_1h: int = 0
    under_4h: int = 0
    under_1d: int = 0
    under_7d: int = 0
    older: int = 0


class Owned(BaseModel):
    """How many are this person's."""

    assignee_id: UUID
    count: int


class Open(BaseModel):
    """What is open now: how many in all, by severity (1 to 5), by age, and whose; the ten who have the most."""

    total: int
    by_severity: dict[int, int]
    by_age: Ages
    by_owner: list[Owned]
    unassigned: int


class OpenIncidents(Open):
    """Unfinished incidents. What waits for review may be resolved already, and is counted all the same."""

    on_hold: int
    in_review: int


class Time(BaseModel):
    """How long it took, in seconds, of the `count` incidents that got there; null where none did."""

    count: int
    mean_seconds: float | None
    median_seconds: float | None


class Times(BaseModel):
    """Of the incidents received in the span."""

    received: int
    acknowledge: Time
    resolve: Time


class WorkTimes(BaseModel):
    """MTTA and MTTR of all and by severity. `formulas` say what was reckoned."""

    since: datetime
    all: Times
    by_severity: dict[int, Times]
    formulas: dict[str, str]


class Source(BaseModel):
    """An address, and how many of the alerts name it as `source.ip`."""

    value: str
    alerts: int


class TopSources(BaseModel):
    """Of the open alerts last seen in 24 hours, the latest 1,000 of them; `of_alerts` is how many that were."""

    of_alerts: int
    items: list[Source]


class TopRule(BaseModel):
    """A rule, and how many alerts of it were last seen in 24 hours, of all rules' latest 10,000."""

    model_config = ConfigDict(from_attributes=True)

    organization_id: UUID
    rule_id: str
    title: str = Field(description="Of one of these alerts.")
    alerts: int


class Share(BaseModel):
    """How many alerts had this verdict, and which part of all that is (0 to 1)."""

    count: int
    share: float


class Verdicts(BaseModel):
    """Of the alerts that somebody closed in the span, the latest 10,000 of them; `of_alerts` is how many that were."""

    of_alerts: int
    by_verdict: dict[Verdict, Share]


class SilentSensor(BaseModel):
    """A sensor from which nothing came for longer than is normal."""

    model_config = ConfigDict(from_attributes=True)

    id: UUID
    name: str
    last_seen_at: datetime | None


class SensorHealth(BaseModel):
    """How many are active, of these how many silent, and how many disabled; ten silent ones by name."""

    active: int
    silent: int
    disabled: int
    silent_sensors: list[SilentSensor]


class Pipeline(BaseModel):
    """Records of the last 24 hours of receipt.

    accepted + unreported = stored + duplicate + quarantined + discarded + in_flight_or_parked.
    """

    accepted: int
    stored: int
    duplicate: int
    quarantined: int
    discarded: int
    in_flight_or_parked: int
    unreported: int


class Dashboard(BaseModel):
    """How things stand at `at`. What a caller may not read is null."""

    at: datetime
    incidents: OpenIncidents
    times: WorkTimes
    alerts: Open | None = Field(default=None, description="This and all else about alerts need `alerts:read`.")
    top_sources: TopSources | None = None
    top_rules: list[TopRule] | None = None
    verdicts: Verdicts | None = None
    sensors: SensorHealth | None = Field(default=None, description="This and the pipeline need `sensors:read`.")
    pipeline: Pipeline | None = None
