const UUID = /[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/gi;

/** Fields of a reply of the door that name something with a receipt. */
const NAMED = /"(batch_id|event_id|quarantine_id)"\s*:\s*"([0-9a-f-]{36})"/gi;
const WORDS: Record<string, string> = { batch_id: 'Request', event_id: 'Event', quarantine_id: 'Quarantined record' };

interface Found {
  id: string;
  what: string;
}

/** The ids in whatever was pasted: a bare one, a line of a log, a whole reply of the door. Each once, in their order. */
export function idsIn(text: string): Found[] {
  const named = new Map([...text.matchAll(NAMED)].map(([, name, id]) => [id?.toLowerCase(), WORDS[name ?? '']]));
  const ids = new Set([...text.matchAll(UUID)].map(([id]) => id.toLowerCase()));
  return [...ids].map((id) => ({ id, what: named.get(id) ?? 'Id' }));
}
