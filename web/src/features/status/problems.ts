import { formatCount, formatSpan } from '@/lib/format';
import { dependenciesIn, disksIn } from './parse';
import type { System } from './queries';

export interface Problem {
  tone: 'danger' | 'warning';
  said: string;
  /** What to do, or what it means for what comes in. */
  so: string;
}

/** What an away dependency means for people, by its name. */
export const MEANING: Record<string, string> = {
  postgres: 'Nothing can be read or changed. Doors go on taking records in.',
  opensearch: 'Events cannot be searched, lists by query take longer. Storing goes on; all is found again later.',
  rabbitmq: 'Doors refuse records, and senders keep them and try again. Nothing is told live.',
  evidence: 'Files of evidence cannot be uploaded or opened.',
};

const DAYS_OF_WARNING = 7;
const DAY_MS = 86_400_000;
/** Longer than this something is stuck, and not merely busy. */
const OLD_MS = 60_000;

/** What somebody should look at now, the worst first. */
export function problemsOf(system: System, now: number): Problem[] {
  const found = [
    ...away(system),
    ...ofBroker(system),
    ...ofDisks(system, now),
    ...ofBacklogs(system, now),
    ...ofControls(system, now),
    ...unknown(system),
  ];
  return found.sort((one, other) => Number(one.tone === 'warning') - Number(other.tone === 'warning'));
}

function away(system: System): Problem[] {
  return dependenciesIn(system.dependencies)
    .filter((one) => one.status !== 'ok')
    .map(({ name, status, required, detail }) => ({
      tone: required || status === 'down' ? 'danger' : 'warning',
      said: `${name} ${status === 'down' ? 'is away' : `is ${status}`}${detail ? `: ${detail}` : ''}`,
      so: MEANING[name] ?? '',
    }));
}

function ofBroker({ broker }: System): Problem[] {
  const { value } = broker;
  if (!value) return [];
  const found: Problem[] = [];
  if (value.blocked)
    found.push({
      tone: 'danger',
      said: 'RabbitMQ takes nothing in',
      so: 'It is short of memory or disk. Senders are told to wait, and lose nothing.',
    });
  if (value.parked > 0)
    found.push({
      tone: 'warning',
      said: `${formatCount(value.parked)} parked messages`,
      so: 'They were given up on, and wait for somebody to look.',
    });
  for (const queue of value.queues.filter((one) => !one.parked && one.consumers === 0))
    found.push({
      tone: 'danger',
      said: `Nobody works on ${queue.name}`,
      so: `${formatCount(queue.ready)} messages wait. The process that takes them does not run.`,
    });
  return found;
}

function ofDisks({ controls }: System, now: number): Problem[] {
  return disksIn(controls.value?.disks).disks.flatMap((disk): Problem[] => {
    const until = disk.fullAt ? Date.parse(disk.fullAt) - now : undefined;
    const soon = until !== undefined && until < DAYS_OF_WARNING * DAY_MS;
    if (!disk.nearlyFull && !soon) return [];
    const said = disk.nearlyFull
      ? `The disk of ${disk.store} is nearly full`
      : `The disk of ${disk.store} is full in ${formatSpan(until ?? 0)}`;
    const so =
      disk.helps.length > 0
        ? `What would help: ${disk.helps.join('; ')}.`
        : 'A full store ends as back-pressure at the door, not as loss.';
    return [{ tone: disk.nearlyFull ? 'danger' : 'warning', said, so }];
  });
}

function ofBacklogs({ backlogs }: System, now: number): Problem[] {
  const { value } = backlogs;
  if (!value) return [];
  const found: Problem[] = [];
  const lag = value.projection.oldest_at ? now - Date.parse(value.projection.oldest_at) : 0;
  if (lag > OLD_MS)
    found.push({
      tone: 'warning',
      said: `Search is ${formatSpan(lag)} behind`,
      so: `${formatCount(value.projection.rows)} rows are stored, and not found yet.`,
    });
  if (value.projection.refused)
    found.push({
      tone: 'warning',
      said: `OpenSearch refused ${formatCount(value.projection.refused)} documents`,
      so: 'They are stored, and not found by search.',
    });
  const told = value.outbox.oldest_at ? now - Date.parse(value.outbox.oldest_at) : 0;
  if (told > OLD_MS)
    found.push({
      tone: 'warning',
      said: `Changes are told ${formatSpan(told)} late`,
      so: 'Pages are not told live of what changed.',
    });
  return found;
}

function ofControls({ controls, versions }: System, now: number): Problem[] {
  const found: Problem[] = [];
  const held = controls.value?.brake.held_since;
  if (typeof held === 'string')
    found.push({
      tone: 'danger',
      said: `The brake is held, for ${formatSpan(now - Date.parse(held))}`,
      so: 'The indexer stores nothing until somebody has looked. What comes in waits in the queue.',
    });
  const { value } = versions;
  if (value && value.schema_found !== value.schema_head)
    found.push({
      tone: 'danger',
      said: 'The database has another schema than the program',
      so: `Found ${value.schema_found ?? 'none'}, expected ${value.schema_head}. Run the migrations.`,
    });
  return found;
}

function unknown(system: System): Problem[] {
  const parts = {
    versions: system.versions,
    broker: system.broker,
    backlogs: system.backlogs,
    controls: system.controls,
  };
  return Object.entries(parts)
    .filter(([, part]) => part.value === null || part.value === undefined)
    .map(([name, part]) => ({ tone: 'warning', said: `Not known now: ${name}`, so: part.reason ?? '' }));
}
