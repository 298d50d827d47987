import { useState } from 'react';
import { formatCount } from '@/lib/format';
import { Button } from '@/ui/Button';
import { type Column, Table } from '@/ui/Table';
import { Tag } from '@/ui/Tag';
import { Parked } from './Parked';
import type { Queue } from './queries';

const MEANING: Record<string, string> = {
  'events.received': 'Records on their way into the store',
  'events.quarantined': 'Records on their way into quarantine',
  'records.changed': 'Changes on their way to search',
  accounts: 'What doors counted',
  'events.parked': 'Records that were given up on',
  'changes.parked': 'Changes that were given up on',
};

/** What waits between the parts. Parked messages can be looked at. */
export function Queues({ queues }: { queues: readonly Queue[] }) {
  const [open, setOpen] = useState<string | null>(null);
  const rows = [...queues].sort(
    (one, other) => Number(other.parked) - Number(one.parked) || one.name.localeCompare(other.name),
  );
  return (
    <>
      <Table label="Queues" columns={columns(setOpen)} rows={rows} keyOf={(one) => one.name} />
      {open && <Parked queue={open} onLeave={() => setOpen(null)} />}
    </>
  );
}

const columns = (onOpen: (name: string) => void): Column<Queue>[] => [
  {
    name: 'Queue',
    grow: true,
    cell: (one) => (
      <>
        <p>{MEANING[one.name] ?? one.name}</p>
        <p className="u-mono u-subtle">{one.name}</p>
      </>
    ),
  },
  { name: 'Waiting', align: 'end', cell: (one) => formatCount(one.ready) },
  {
    name: 'Handed out',
    align: 'end',
    minor: true,
    cell: (one) => (one.unacknowledged === null ? '?' : formatCount(one.unacknowledged)),
  },
  {
    name: 'Worked on by',
    align: 'end',
    minor: true,
    cell: (one) => {
      if (one.parked) return <span className="u-subtle">people</span>;
      return one.consumers > 0 ? formatCount(one.consumers) : <Tag tone="danger">nobody</Tag>;
    },
  },
  {
    name: 'Actions',
    quiet: true,
    align: 'end',
    cell: (one) =>
      one.parked && (
        <Button size="sm" aria-label={`Look into ${one.name}`} onClick={() => onOpen(one.name)}>
          Look
        </Button>
      ),
  },
];
