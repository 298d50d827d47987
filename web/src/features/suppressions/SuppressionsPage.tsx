import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Reply } from '@/domain/Reply';
import { useMay } from '@/domain/session';
import { recurrenceWords } from '@/domain/suppression/recurrence';
import { Time, useZoneLabel } from '@/domain/Time';
import { useNow } from '@/domain/useNow';
import { formatCount } from '@/lib/format';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { Page } from '@/ui/Page';
import { State } from '@/ui/State';
import { Table } from '@/ui/Table';
import { Tabs } from '@/ui/Tabs';
import { Tag } from '@/ui/Tag';
import { type Suppression, suppressionQuery, suppressionsQuery } from './queries';
import s from './Suppressions.module.css';
import { endOf, stateOf } from './state';
import { useLive } from './useLive';

const route = getRouteApi('/app/suppressions');
const MINUTE = 60_000;
const TABS = [
  { key: 'now', label: 'In force and to come' },
  { key: 'ended', label: 'Ended' },
] as const;

/** What is hidden, why, and until when. */
export default function SuppressionsPage() {
  const { ended = false } = route.useSearch();
  const navigate = route.useNavigate();
  const list = useInfiniteQuery(suppressionsQuery(ended));
  const rows = list.data?.pages.flatMap((page) => page.items) ?? [];
  const news = useLive(rows);
  const waiting = rows.filter((one) => one.state === 'waiting_for_approval').length;
  const may = useMay('suppressions:write');
  return (
    <Page
      title="Suppressions"
      actions={
        <Link to="/suppressions/$suppressionId" params={{ suppressionId: 'new' }} className={s.new}>
          {may ? 'New suppression' : 'Try a query'}
        </Link>
      }
    >
      {waiting > 0 && (
        <Banner tone="warning">
          {waiting === 1 ? 'One waits' : `${waiting} wait`} for a second person’s approval, and hide
          {waiting === 1 && 's'} nothing until then.
        </Banner>
      )}
      {news && (
        <Banner
          action={
            <Button size="sm" onClick={news}>
              Show
            </Button>
          }
        >
          There are suppressions that are not shown here.
        </Banner>
      )}
      <div className={s.list}>
        <Tabs
          label="Which"
          tabs={TABS}
          value={ended ? 'ended' : 'now'}
          onChange={(key) => void navigate({ search: { ended: key === 'ended' ? true : undefined } })}
        >
          <Reply of={list}>
            {() => (
              <Rows
                rows={rows}
                ended={ended}
                more={
                  list.hasNextPage
                    ? { load: () => void list.fetchNextPage(), busy: list.isFetchingNextPage }
                    : undefined
                }
              />
            )}
          </Reply>
        </Tabs>
      </div>
    </Page>
  );
}

interface RowsProps {
  rows: readonly Suppression[];
  ended: boolean;
  more: { load: () => void; busy: boolean } | undefined;
}

function Rows({ rows, ended, more }: RowsProps) {
  const zone = useZoneLabel();
  return (
    <Table
      label="Suppressions"
      rows={rows}
      keyOf={(row) => row.id}
      more={more}
      empty={
        <State title={ended ? 'None has ended' : 'Nothing is hidden'}>
          {ended
            ? 'What ended is listed here, with what it hid.'
            : 'Every event opens or joins an alert. A suppression hides what nobody wants to be called for.'}
        </State>
      }
      columns={[
        { name: 'State', cell: (row) => <StateTag row={row} /> },
        {
          name: 'Suppression',
          grow: true,
          cell: (row) => (
            <div className={s.what}>
              <Link to="/suppressions/$suppressionId" params={{ suppressionId: row.id }} className="u-strong">
                {row.name}
              </Link>
              <span className={s.query} title={row.query}>
                {row.query}
              </span>
            </div>
          ),
        },
        {
          name: 'Holds',
          minor: true,
          cell: (row) => (
            <span className={s.holds}>{row.recurrence ? recurrenceWords(row.recurrence) : 'All the time'}</span>
          ),
        },
        { name: 'Events', align: 'end', cell: (row) => <Hits id={row.id} of="events" /> },
        { name: 'Alerts', align: 'end', minor: true, cell: (row) => <Hits id={row.id} of="alerts" /> },
        {
          name: `${ended ? 'Ended' : 'Ends'} (${zone})`,
          cell: (row) => <Time at={endOf(row)} />,
        },
      ]}
    />
  );
}

/** How one stands, in a word. */
export function StateTag({ row }: { row: Suppression }) {
  const { label, tone } = stateOf(row, useNow(MINUTE));
  return <Tag tone={tone}>{label}</Tag>;
}

/** A row of the list has no figures of its own. */
function Hits({ id, of }: { id: string; of: 'events' | 'alerts' }) {
  const { data, isError } = useQuery({ ...suppressionQuery(id), staleTime: MINUTE });
  if (isError) return <span className="u-subtle">not known</span>;
  return data ? formatCount(data[of]) : '…';
}
