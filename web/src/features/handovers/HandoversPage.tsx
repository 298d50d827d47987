import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { PATHS } from '@/app/paths';
import { Person } from '@/domain/Person';
import { Reply } from '@/domain/Reply';
import { useMay } from '@/domain/session';
import { Time, useZoneLabel } from '@/domain/Time';
import { words } from '@/lib/format';
import { useHotkeys } from '@/lib/hotkeys';
import { Button } from '@/ui/Button';
import { Kbd } from '@/ui/Kbd';
import { Page, Section } from '@/ui/Page';
import { State } from '@/ui/State';
import { type Column, Table } from '@/ui/Table';
import { Tag } from '@/ui/Tag';
import { BeginDialog } from './BeginDialog';
import { handoversQuery, type Listed } from './queries';

export const TONES = { draft: undefined, signed: 'warning', accepted: 'success' } as const;

const columns = (zone: string): readonly Column<Listed>[] => [
  {
    name: 'Shift',
    cell: (row) => (
      <Link to={PATHS.handover} params={{ handoverId: row.id }} className="u-strong">
        {row.shift}
      </Link>
    ),
    grow: true,
  },
  { name: 'Status', cell: ({ status }) => <Tag tone={TONES[status]}>{words(status)}</Tag> },
  { name: 'From', cell: ({ outgoing_id }) => <Person id={outgoing_id} /> },
  { name: 'To', cell: ({ incoming_id }) => <Person id={incoming_id} nobody="Nobody yet" /> },
  { name: `Begun (${zone})`, cell: ({ created_at }) => <Time at={created_at} />, minor: true },
  {
    name: `Accepted (${zone})`,
    cell: ({ accepted_at }) => (accepted_at ? <Time at={accepted_at} /> : <span className="u-subtle">not yet</span>),
    minor: true,
  },
];

/** What one shift left to the next. */
export default function HandoversPage() {
  const list = useInfiniteQuery(handoversQuery);
  const may = useMay('incidents:write');
  const [begins, setBegins] = useState(false);
  const zone = useZoneLabel();
  const begin = () => setBegins(true);
  useHotkeys(may ? { n: { label: 'Hand over a shift', run: begin } } : {});
  const button = may && (
    <Button variant="primary" onClick={begin}>
      Hand over a shift<Kbd>N</Kbd>
    </Button>
  );
  return (
    <Page title="Handovers" actions={button}>
      <Section title="All handovers" flush>
        <Reply of={list}>
          {({ pages }) => (
            <Table
              label="Handovers"
              columns={columns(zone)}
              rows={pages.flatMap((page) => page.items)}
              keyOf={(row) => row.id}
              empty={
                <State title="No shift has been handed over yet" action={button}>
                  A handover keeps how things stood, what is to be done next, and who took over.
                </State>
              }
              more={
                list.hasNextPage ? { load: () => void list.fetchNextPage(), busy: list.isFetchingNextPage } : undefined
              }
            />
          )}
        </Reply>
      </Section>
      {begins && <BeginDialog onLeave={() => setBegins(false)} />}
    </Page>
  );
}
