import { useInfiniteQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { Reply } from '@/domain/Reply';
import { useMay, useSession } from '@/domain/session';
import { Moment, Time, useZoneLabel } from '@/domain/Time';
import { formatCount, formatSpan } from '@/lib/format';
import { Button } from '@/ui/Button';
import { Page } from '@/ui/Page';
import { Select } from '@/ui/Select';
import { State } from '@/ui/State';
import { type Column, Table } from '@/ui/Table';
import { type Figure, millisecondsOf, queryOf, type Rule, suppressing } from './figures';
import { rulesQuery } from './queries';
import s from './Rules.module.css';
import type { RangeName, RulesSearch } from './search';
import { Verdicts } from './Verdicts';

const route = getRouteApi('/app/rules');

const RANGE_WORDS: readonly (readonly [RangeName, string])[] = [
  ['24h', 'Last 24 hours'],
  ['7d', 'Last 7 days'],
  ['30d', 'Last 30 days'],
  ['90d', 'Last 90 days'],
];

/** Which rules fire how often, and what people made of it: where tuning pays. */
export default function RulesPage() {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const list = useInfiniteQuery(rulesQuery(search));
  const change = (patch: RulesSearch) => void navigate({ search: (before) => ({ ...before, ...patch }) });
  const rules = list.data?.pages.flatMap((page) => page.items) ?? [];
  const span = list.data?.pages[0]?.span;
  const columns = useColumns(span ?? { from: '', to: '' });
  return (
    <Page title="Rules" under={<Filters search={search} onChange={change} />}>
      <Reply of={list}>
        {() => (
          <div className={s.list}>
            <Table
              label="Rules, the one with the most alerts first"
              rows={rules}
              keyOf={(rule) => `${rule.organization_id} ${rule.rule_id}`}
              stale={list.isPlaceholderData}
              more={
                list.hasNextPage ? { load: () => void list.fetchNextPage(), busy: list.isFetchingNextPage } : undefined
              }
              empty={<Nothing range={search.range ?? '30d'} onChange={change} />}
              columns={columns}
            />
          </div>
        )}
      </Reply>
      {span && rules.length > 0 && (
        <p className="u-subtle">
          As of <Moment at={span.to} />, the rule with the most alerts first. An alert counts where it was last seen.
        </p>
      )}
    </Page>
  );
}

function useColumns(span: { from: string; to: string }): Column<Rule>[] {
  const zone = useZoneLabel();
  const maySuppress = useMay('suppressions:write');
  const counted = (figure: Figure & keyof Rule) => (rule: Rule) => (
    <Count rule={rule} figure={figure} count={Number(rule[figure])} span={span} />
  );
  const columns: Column<Rule>[] = [
    {
      name: 'Rule',
      grow: true,
      cell: (rule) => (
        <div className={s.rule}>
          <span className={s.title}>{rule.title}</span>
          <span className={s.id}>
            {rule.rule_id} · {rule.module}
          </span>
        </div>
      ),
    },
    { name: 'Alerts', align: 'end', cell: counted('alerts') },
    { name: 'Open', align: 'end', cell: counted('open') },
    { name: 'Suppressed', align: 'end', minor: true, cell: counted('suppressed') },
    { name: 'Verdicts', minor: true, cell: (rule) => <Verdicts rule={rule} span={span} /> },
    { name: 'Median to close', align: 'end', minor: true, cell: (rule) => median(rule) },
    {
      name: `Last fired (${zone})`,
      minor: true,
      cell: (rule) => rule.last_fired_at && <Time at={rule.last_fired_at} />,
    },
  ];
  if (!maySuppress) return columns;
  return [...columns, { name: 'Tune', cell: (rule) => <Suppress rule={rule} /> }];
}

interface CountProps {
  rule: Rule;
  figure: Figure;
  count: number;
  span: { from: string; to: string };
}

function Count({ rule, figure, count, span }: CountProps) {
  if (count === 0) return <span className="u-subtle">0</span>;
  return (
    <Link to="/alerts" search={{ query: queryOf(rule, figure, span) }} className={s.count}>
      {formatCount(count)}
    </Link>
  );
}

function median({ median_time_to_close: duration }: Rule) {
  const milliseconds = duration === null ? undefined : millisecondsOf(duration);
  return milliseconds === undefined ? <span className="u-subtle">–</span> : formatSpan(milliseconds);
}

function Suppress({ rule }: { rule: Rule }) {
  return (
    <Link
      to="/suppressions/$suppressionId"
      params={{ suppressionId: 'new' }}
      search={{ query: suppressing(rule), name: rule.title }}
      className="u-link"
    >
      Suppress…
    </Link>
  );
}

function Filters({ search, onChange }: { search: RulesSearch; onChange: (patch: RulesSearch) => void }) {
  const { memberships } = useSession();
  return (
    <div className={s.filters}>
      <Select
        label="Range"
        value={search.range ?? '30d'}
        options={RANGE_WORDS}
        onChange={(event) => onChange({ range: event.target.value as RangeName })}
      />
      {memberships.length > 1 && (
        <Select
          label="Organization"
          value={search.organization ?? ''}
          options={[
            ['', 'All of yours'],
            ...memberships.map((one) => [one.organization_id, one.organization] as const),
          ]}
          onChange={(event) => onChange({ organization: event.target.value || undefined })}
        />
      )}
    </div>
  );
}

function Nothing({ range, onChange }: { range: RangeName; onChange: (patch: RulesSearch) => void }) {
  return (
    <State
      title="No rule fired"
      action={range !== '90d' && <Button onClick={() => onChange({ range: '90d' })}>Show the last 90 days</Button>}
    >
      No alert of a rule was last seen in this range.
    </State>
  );
}
