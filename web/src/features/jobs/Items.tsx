import { useInfiniteQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { useState } from 'react';
import { PATHS } from '@/app/paths';
import type { Job } from '@/domain/job/job';
import { Reply } from '@/domain/Reply';
import { useMay } from '@/domain/session';
import { formatCount, words } from '@/lib/format';
import { Section } from '@/ui/Page';
import { type Column, Table } from '@/ui/Table';
import { Tabs } from '@/ui/Tabs';
import { firstOf, tabsOf } from './itemTabs';
import { type Item, type ItemStatus, itemsQuery } from './queries';
import { rowsOf } from './words';

/** What became of each row: those that could not be done first. */
export function Items({ job }: { job: Job }) {
  const [chosen, setChosen] = useState<ItemStatus | null>(null);
  const mayOpen = useMay('alerts:read');
  if (job.total === 0 || job.kind.endsWith('.export')) return null;
  const status = chosen ?? firstOf(job);
  return (
    <Section title={`${formatCount(job.total)} rows`} flush>
      <Tabs label="Rows by what became of them" tabs={tabsOf(job)} value={status} onChange={setChosen}>
        <Rows key={status} job={job} status={status} links={mayOpen && rowsOf(job.kind) === 'alert'} />
      </Tabs>
    </Section>
  );
}

function Rows({ job, status, links }: { job: Job; status: ItemStatus; links: boolean }) {
  const items = useInfiniteQuery(itemsQuery(job.id, status));
  return (
    <Reply of={items}>
      {({ pages }) => (
        <Table
          label="Rows"
          columns={columns(links)}
          rows={pages.flatMap((page) => page.items)}
          keyOf={(item) => String(item.ordinal)}
          empty={<p className="u-muted">None.</p>}
          more={
            items.hasNextPage ? { load: () => void items.fetchNextPage(), busy: items.isFetchingNextPage } : undefined
          }
        />
      )}
    </Reply>
  );
}

const columns = (links: boolean): Column<Item>[] => [
  { name: '#', align: 'end', cell: (item) => formatCount(item.ordinal + 1) },
  {
    name: 'Row',
    cell: (item) =>
      links ? (
        <Link to={PATHS.alert} params={{ alertId: item.target_id }} className="u-link">
          <span className="u-mono u-cut">{item.target_id}</span>
        </Link>
      ) : (
        <span className="u-mono u-cut">{item.target_id}</span>
      ),
  },
  { name: 'Why', grow: true, cell: (item) => (item.reason ? words(item.reason) : '') },
];
