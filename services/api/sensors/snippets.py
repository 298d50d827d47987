"""Ready configuration for shippers, with a word in the place of the key: whoever made the key has it."""

from enum import StrEnum
from typing import Annotated
from urllib.parse import urlsplit
from uuid import UUID

from fastapi import APIRouter, Query, Request
from pydantic import BaseModel, Field

from services.api.auth.permissions import SensorReader
from services.api.deps import OpenResources, Session
from services.api.errors import problems
from services.api.sensors import service

router = APIRouter(prefix="/sensors", tags=["sensors"])

EVENTS = "/ingest/v1/events"
HOOK = "/ingest/v1/hook"
KEY = "SENSOR_KEY"


class Shipper(StrEnum):
    """What can send to the door as it is. A test sends to the real one what each of them sends."""

    CURL = "curl"
    VECTOR = "vector"
    FLUENT_BIT = "fluent_bit"
    LOGSTASH = "logstash"
    RSYSLOG = "rsyslog"
    FALCOSIDEKICK = "falcosidekick"
    ALERTMANAGER = "alertmanager"
    WAZUH = "wazuh"


class Snippet(BaseModel):
    """What to put where; `SENSOR_KEY` in it stands for a key of the sensor."""

    shipper: Shipper
    file: str = Field(description="Where it usually goes.")
    text: str


@router.get("/{sensor_id}/snippet", responses=problems(404))
async def get_snippet(
    *,
    sensor_id: UUID,
    shipper: Annotated[Shipper, Query(description="What is to send.")],
    request: Request,
    caller: SensorReader,
    session: Session,
    resources: OpenResources,
) -> Snippet:
    """Configuration of a shipper that sends to this sensor."""
    await service.one(session, sensor_id, by=caller)
    settings = resources.settings
    door = settings.ingest_public_url or settings.public_url or str(request.base_url)
    return snippet(shipper, door.rstrip("/"))


def snippet(shipper: Shipper, door: str) -> Snippet:
    """The shipper's configuration for the door at that URL, which ends without a slash.

    No format is in the path: the sensor's setting decides, and may change without a change here.
    """
    file, template = _TEMPLATES[shipper]
    parts = urlsplit(door)
    secure = parts.scheme == "https"
    values = {
        "@EVENTS@": door + EVENTS,
        "@HOOK@": f"{door}{HOOK}/{KEY}",
        "@PATH@": parts.path + EVENTS,
        "@RESTPATH@": (parts.path + EVENTS).lstrip("/"),
        "@HOST@": parts.hostname or "",
        "@PORT@": str(parts.port or (443 if secure else 80)),
        "@TLS@": "on" if secure else "off",
        "@KEY@": KEY,
    }
    for mark, value in values.items():
        template = template.replace(mark, value)
    return Snippet(shipper=shipper, file=file, text=template.lstrip("\n"))


# Whole requests are sent again on 429 and 5xx, as the door expects it; never on 207, for what was rejected is kept.
_TEMPLATES: dict[Shipper, tuple[str, str]] = {
    Shipper.CURL: (
        "a shell",
        """
curl -sS "@EVENTS@" -H "Authorization: Bearer @KEY@" --data-binary @records.ndjson
""",
    ),
    Shipper.VECTOR: (
        "/etc/vector/vector.yaml",
        """
sources:
  records:
    type: file
    include: [/var/log/suricata/eve.json]
sinks:
  eventsec:
    type: http
    inputs: [records]
    uri: "@EVENTS@"
    method: post
    compression: gzip
    framing:
      method: newline_delimited
    encoding:
      codec: json
    auth:
      strategy: bearer
      token: "@KEY@"
    batch:
      max_events: 1000
      timeout_secs: 1
""",
    ),
    Shipper.FLUENT_BIT: (
        "/etc/fluent-bit/fluent-bit.conf",
        """
[INPUT]
    Name             tail
    Path             /var/log/suricata/eve.json
    DB               /var/lib/fluent-bit/eve.db

[OUTPUT]
    Name             http
    Match            *
    Host             @HOST@
    Port             @PORT@
    URI              @PATH@
    tls              @TLS@
    Header           X-API-Key @KEY@
    Format           json_lines
    Json_date_format iso8601
    compress         gzip
    Retry_Limit      no_limits
""",
    ),
    Shipper.LOGSTASH: (
        "/etc/logstash/conf.d/eventsec.conf",
        """
output {
  http {
    url => "@EVENTS@"
    http_method => "post"
    format => "json_batch"
    http_compression => true
    headers => { "Authorization" => "Bearer @KEY@" }
    retryable_codes => [429, 500, 502, 503, 504]
  }
}
""",
    ),
    Shipper.RSYSLOG: (
        "/etc/rsyslog.d/eventsec.conf",
        """
module(load="omhttp")
action(type="omhttp"
       server="@HOST@" serverport="@PORT@" usehttps="@TLS@" restpath="@RESTPATH@"
       httpcontenttype="text/plain" httpheaders=["X-API-Key: @KEY@"]
       template="RSYSLOG_SyslogProtocol23Format"
       batch="on" batch.format="newline" batch.maxsize="500"
       action.resumeRetryCount="-1")
""",
    ),
    Shipper.FALCOSIDEKICK: (
        "config.yaml of falcosidekick",
        """
webhook:
  address: "@EVENTS@"
  customHeaders:
    Authorization: "Bearer @KEY@"
""",
    ),
    Shipper.ALERTMANAGER: (
        "/etc/alertmanager/alertmanager.yml",
        """
route:
  receiver: eventsec
receivers:
  - name: eventsec
    webhook_configs:
      - url: "@EVENTS@"
        send_resolved: true
        http_config:
          authorization:
            credentials: "@KEY@"
""",
    ),
    Shipper.WAZUH: (
        "/var/ossec/etc/ossec.conf of the manager",
        """
<integration>
  <name>shuffle</name>
  <hook_url>@HOOK@</hook_url>
  <level>3</level>
  <alert_format>json</alert_format>
</integration>
""",
    ),
}
