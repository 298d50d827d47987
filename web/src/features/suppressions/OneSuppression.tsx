import { useQuery } from '@tanstack/react-query';
import { Link } from '@tanstack/react-router';
import { type ReactNode, useState } from 'react';
import type { components } from '@/api/schema';
import { Person } from '@/domain/Person';
import { Reply } from '@/domain/Reply';
import { useSession } from '@/domain/session';
import { askedOf, draftOf } from '@/domain/suppression/draft';
import { Effect } from '@/domain/suppression/Effect';
import { recurrenceWords } from '@/domain/suppression/recurrence';
import { Time } from '@/domain/Time';
import { useRefresh } from '@/domain/useRefresh';
import { formatCount } from '@/lib/format';
import { useLook } from '@/lib/look';
import { oneOf } from '@/lib/query';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { Code } from '@/ui/Code';
import { KeyValue } from '@/ui/KeyValue';
import { Columns, Page, Section, Stack } from '@/ui/Page';
import { Actions } from './Actions';
import { suppressionQuery } from './queries';
import s from './Suppressions.module.css';
import { StateTag } from './SuppressionsPage';
import { endOf } from './state';
import { Versions } from './Versions';

type Detail = components['schemas']['SuppressionDetail'];

/** A suppression with what it hides, what it has hidden, and how it came to be so. */
export function OneSuppression({ id }: { id: string }) {
  const one = useQuery(suppressionQuery(id));
  useRefresh('suppression', [['suppressions']], { id });
  const { data } = one;
  if (!data)
    return (
      <Page title="Suppression">
        <Reply of={one}>{() => null}</Reply>
      </Page>
    );
  return (
    <Page title={data.name} beside={<StateTag row={data} />} actions={<Actions row={data} />}>
      {data.state === 'waiting_for_approval' && <Waiting row={data} />}
      <Figures row={data} />
      <Columns kind="main">
        <Stack>
          <Section title="What it hides">
            <Stack>
              <Code label="Query" text={data.query} />
              <p className="u-muted">{data.reason}</p>
            </Stack>
          </Section>
          {data.state !== 'ended' && <Trial row={data} />}
          <Versions row={data} />
        </Stack>
        <Stack>
          <About row={data} />
        </Stack>
      </Columns>
    </Page>
  );
}

function Waiting({ row }: { row: Detail }) {
  const { user } = useSession();
  return (
    <Banner tone="warning">
      It could hide critical events, so it hides nothing until a second person approves it: somebody who neither made
      nor changed it.{row.created_by_id === user.id && ' You made it, so it has to be somebody else.'}
    </Banner>
  );
}

function Figures({ row }: { row: Detail }) {
  const verb = row.mode === 'monitor' ? 'Would have hidden' : 'Hidden so far';
  return (
    <dl className={s.figures}>
      <Figure name={verb}>{formatCount(row.events)} events</Figure>
      <Figure name="In">
        {row.mode === 'active' && row.alerts > 0 ? (
          <Link to="/alerts" search={{ query: oneOf('suppression_id', [row.id]) }} className="u-link">
            {formatCount(row.alerts)} alerts
          </Link>
        ) : (
          `${formatCount(row.alerts)} alerts`
        )}
      </Figure>
      <Figure name="Starts">
        <Time at={row.starts_at} />
      </Figure>
      <Figure name={row.state === 'ended' ? 'Ended' : 'Ends'}>
        <Time at={endOf(row)} />
      </Figure>
      <Figure name="Holds">{row.recurrence ? recurrenceWords(row.recurrence) : 'All the time'}</Figure>
    </dl>
  );
}

function Figure({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div className={s.figure}>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function Trial({ row }: { row: Detail }) {
  const { zone } = useLook();
  const [open, setOpen] = useState(false);
  return (
    <Section
      title="Measured on the last 7 days"
      actions={
        !open && (
          <Button size="sm" onClick={() => setOpen(true)}>
            Measure effect
          </Button>
        )
      }
    >
      {open ? (
        <Effect asked={askedOf(draftOf(row, zone), 7, zone)} />
      ) : (
        <p className="u-subtle">
          What it would have hidden by itself, had it been in force all the time, whatever others hide.
        </p>
      )}
    </Section>
  );
}

function About({ row }: { row: Detail }) {
  return (
    <Section title="Details">
      <KeyValue
        facts={[
          ['Mode', row.mode === 'monitor' ? 'On trial: counts, and hides nothing' : 'Hides'],
          ['Owner', <Person key="owner" id={row.owner_id} nobody="Nobody" />],
          ['Made by', row.created_by_id && <Person id={row.created_by_id} />],
          ['Made', <Time key="made" at={row.created_at} />],
          ['Approval', <Approval key="approval" row={row} />],
          ['Ended by', row.ended_by_id && <Person id={row.ended_by_id} />],
          [
            'From alert',
            row.proposed_by_alert_id && (
              <Link to="/alerts/$alertId" params={{ alertId: row.proposed_by_alert_id }} className="u-link">
                The alert it was made of
              </Link>
            ),
          ],
        ]}
      />
    </Section>
  );
}

function Approval({ row }: { row: Detail }) {
  if (row.approved_at) return <Person id={row.approved_by_id} nobody="Approved" />;
  if (row.mode === 'monitor') return <>On trial it needs none</>;
  return (
    <>{row.needs_approval ? 'It could hide critical events, and waits' : 'It hides nothing critical, and needs none'}</>
  );
}
