"""What waited, for quiet hours to end or for more to come, while its incident became restricted or was marked TLP:RED.

`shared.notices` decides when a thing happens; this decides the same once more before a message is made of it. What was
sent is not called back; what could not be sent yet is decided anew before each attempt.
"""

from services.indexer.folding import Connection

MOST_AT_ONCE = 10_000

_WAITING = """
    SELECT w.id, w.user_id, i.id AS incident_id, i.number, i.restricted, i.tlp
    FROM notifications w
    LEFT JOIN alerts a ON w.object_kind = 'alert' AND a.id = w.object_id
    JOIN incidents i ON i.id = CASE w.object_kind WHEN 'incident' THEN w.object_id ELSE a.incident_id END
    WHERE w.status = 'pending' AND w.sent_with_id IS NULL AND w.due_at <= now() AND i.restricted
"""
WITHHOLD = f"""
    UPDATE notifications SET status = 'failed', last_error = 'the incident has been restricted to its members'
    WHERE id IN (
        SELECT w.id FROM ({_WAITING}) AS w
        WHERE NOT EXISTS (SELECT FROM incident_members m WHERE m.incident_id = w.incident_id AND m.user_id = w.user_id)
        LIMIT {MOST_AT_ONCE})
"""
NAME_BY_NUMBER = f"""
    UPDATE notifications n
    SET subject = w.subject, content = '{{}}', object_kind = 'incident', object_id = w.incident_id
    FROM (SELECT id, incident_id, 'Incident #' || number AS subject FROM ({_WAITING}) AS w
          WHERE tlp = 'red' LIMIT {MOST_AT_ONCE}) AS w
    WHERE n.id = w.id AND n.subject <> w.subject
"""


async def keep(connection: Connection) -> None:
    """Withhold what is due from who may no longer hear of it, and take the words out of what TLP:RED covers."""
    await connection.execute(WITHHOLD)
    await connection.execute(NAME_BY_NUMBER)
