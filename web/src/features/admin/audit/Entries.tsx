import { Bot, Server } from 'lucide-react';
import type { ReactNode } from 'react';
import { usePerson } from '@/domain/people';
import { Moment, useZoneLabel } from '@/domain/Time';
import { words } from '@/lib/format';
import { Avatar } from '@/ui/Avatar';
import { type Column, Table } from '@/ui/Table';
import s from './Entries.module.css';
import { actionLabel, changedLabel } from './entry';
import type { Entry } from './queries';

interface Props {
  entries: readonly Entry[];
  stale: boolean;
  empty: ReactNode;
  more: { load: () => void; busy: boolean } | undefined;
  onOpen: (id: string) => void;
}

/** Who did what to what. */
export function Entries({ entries, stale, empty, more, onOpen }: Props) {
  const zone = useZoneLabel();
  const columns: Column<Entry>[] = [
    {
      name: `Time (${zone})`,
      cell: (one) => (
        <span className={s.time}>
          <Moment at={one.created_at} />
        </span>
      ),
    },
    { name: 'Who', cell: (one) => <Actor entry={one} /> },
    {
      name: 'Action',
      cell: (one) => (
        <button type="button" className={s.open} onClick={() => onOpen(one.id)} title={one.action}>
          {actionLabel(one.action)}
        </button>
      ),
    },
    { name: 'Object', minor: true, cell: (one) => <ObjectName entry={one} /> },
    {
      name: 'Changed',
      grow: true,
      minor: true,
      cell: (one) => <span className="u-muted">{changedLabel(one.changes)}</span>,
    },
    { name: 'Address', minor: true, cell: (one) => <span className="u-mono">{one.address}</span> },
    {
      name: 'Entry',
      align: 'end',
      minor: true,
      cell: (one) => one.sequence ?? <span className="u-subtle">unsealed</span>,
    },
  ];
  return (
    <Table
      label="Audit entries"
      columns={columns}
      rows={entries}
      keyOf={(one) => one.id}
      stale={stale}
      empty={empty}
      more={more}
    />
  );
}

/** A person, a program with a token, or the product itself. */
export function Actor({ entry }: { entry: Entry }) {
  return (
    <span className={s.actor}>
      {entry.actor === 'user' && <Avatar name={entry.actor_name} />}
      {entry.actor === 'token' && <Bot size={16} role="img" aria-label="API token" className={s.icon} />}
      {entry.actor === 'system' && <Server size={16} role="img" aria-label="The system" className={s.icon} />}
      {entry.actor_name}
    </span>
  );
}

function ObjectName({ entry }: { entry: Entry }) {
  const person = usePerson(entry.kind === 'user' ? entry.object_id : null);
  return (
    <span className={s.object}>
      {words(entry.kind)}
      {person && <span className="u-subtle">{person}</span>}
      {!person && entry.object_id && <span className={s.id}>…{entry.object_id.slice(-6)}</span>}
    </span>
  );
}
