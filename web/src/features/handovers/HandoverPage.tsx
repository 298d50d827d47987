import { useQuery } from '@tanstack/react-query';
import { getRouteApi, Link } from '@tanstack/react-router';
import { PATHS } from '@/app/paths';
import { ErrorState } from '@/domain/ErrorState';
import { Markdown } from '@/domain/Markdown';
import { Person } from '@/domain/Person';
import { useMay, useSession } from '@/domain/session';
import { Time } from '@/domain/Time';
import { words } from '@/lib/format';
import { KeyValue } from '@/ui/KeyValue';
import { Columns, Page, Section, Stack } from '@/ui/Page';
import { Skeleton } from '@/ui/Skeleton';
import { Tag } from '@/ui/Tag';
import { Accept } from './Accept';
import { TONES } from './HandoversPage';
import { type Handover, handoverQuery } from './queries';
import { Snapshot } from './Snapshot';
import { StepsRead } from './Steps';
import { Writing } from './Writing';

const route = getRouteApi('/app/handovers/$handoverId');

/** One handover: how things stood, what is to be done next, and who has it now. */
export default function HandoverPage() {
  const { handoverId } = route.useParams();
  const handover = useQuery(handoverQuery(handoverId));
  const { data, error } = handover;
  return (
    <Page
      title={data?.shift ?? 'Handover'}
      beside={data && <Tag tone={TONES[data.status]}>{words(data.status)}</Tag>}
      actions={
        <Link to={PATHS.handovers} className="u-link">
          All handovers
        </Link>
      }
    >
      {data ? (
        <Parts handover={data} />
      ) : error ? (
        <ErrorState error={error} onRetry={() => void handover.refetch()} />
      ) : (
        <Skeleton />
      )}
    </Page>
  );
}

function Parts({ handover }: { handover: Handover }) {
  const { user } = useSession();
  const may = useMay('incidents:write', handover.organization_id);
  const mine = may && handover.outgoing_id === user.id && handover.status !== 'accepted';
  return (
    <>
      {may && handover.status === 'signed' && handover.incoming_id === user.id && <Accept handover={handover} />}
      <Columns kind="main">
        <Stack>{mine ? <Writing key={handover.id} handover={handover} /> : <Reading handover={handover} />}</Stack>
        <Stack>
          <Who handover={handover} />
          <Snapshot snapshot={handover.snapshot} />
        </Stack>
      </Columns>
    </>
  );
}

function Reading({ handover: { notes, items } }: { handover: Handover }) {
  return (
    <>
      <Section title="Next steps" beside={<span className="u-subtle">{items.length}</span>} flush>
        <StepsRead items={items} />
      </Section>
      <Section title="Notes">
        {notes.trim() ? <Markdown text={notes} /> : <p className="u-muted">Nothing was noted.</p>}
      </Section>
    </>
  );
}

function Who({ handover }: { handover: Handover }) {
  return (
    <Section title="Who">
      <KeyValue
        facts={[
          ['From', <Person key="from" id={handover.outgoing_id} />],
          ['Signed', handover.signed_at && <Time key="signed" at={handover.signed_at} />],
          ['To', <Person key="to" id={handover.incoming_id} nobody="Nobody yet" />],
          ['Accepted', handover.accepted_at && <Time key="accepted" at={handover.accepted_at} />],
        ]}
      />
    </Section>
  );
}
