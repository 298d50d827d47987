import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ErrorState } from '@/domain/ErrorState';
import { useSession } from '@/domain/session';
import { Moment, Time, useZoneLabel } from '@/domain/Time';
import { useNow } from '@/domain/useNow';
import { Button } from '@/ui/Button';
import { Row, Section } from '@/ui/Page';
import { Skeleton } from '@/ui/Skeleton';
import { State } from '@/ui/State';
import { type Column, Table } from '@/ui/Table';
import { Tag } from '@/ui/Tag';
import { useWithdraw } from './changes';
import { InviteDialog } from './InviteDialog';
import { type Invitation, invitationsQuery } from './queries';
import { roleLabel } from './roles';

/** Who was asked in and has not answered yet. */
export function Invitations() {
  const list = useInfiniteQuery(invitationsQuery);
  const [anew, setAnew] = useState<Invitation | null>(null);
  const { memberships } = useSession();
  const zone = useZoneLabel();
  if (list.isError && !list.data) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  if (!list.data) return <Skeleton />;
  const organization = (id: string) => memberships.find((one) => one.organization_id === id)?.organization;
  const columns: Column<Invitation>[] = [
    { name: 'E-mail address', grow: true, cell: (one) => <strong>{one.email}</strong> },
    ...(memberships.length > 1
      ? [{ name: 'Organization', cell: (one: Invitation) => organization(one.organization_id) }]
      : []),
    { name: 'Role', cell: (one) => <Tag>{roleLabel(one.role)}</Tag> },
    { name: `Invited (${zone})`, minor: true, cell: (one) => <Moment at={one.created_at} /> },
    { name: 'Good until', cell: (one) => <GoodUntil at={one.expires_at} /> },
    { name: 'Actions', align: 'end', cell: (one) => <Actions invitation={one} onAnew={() => setAnew(one)} /> },
  ];
  return (
    <Section title="Waiting for an answer" flush>
      <Table
        label="Invitations"
        columns={columns}
        rows={list.data.pages.flatMap((page) => page.items)}
        keyOf={(one) => one.id}
        empty={
          <State title="Nobody is waiting">
            Who has an account in another organization is invited, and joins with the code they get.
          </State>
        }
        more={list.hasNextPage ? { load: () => void list.fetchNextPage(), busy: list.isFetchingNextPage } : undefined}
      />
      {anew && <InviteDialog given={anew} onLeave={() => setAnew(null)} />}
    </Section>
  );
}

function GoodUntil({ at }: { at: string }) {
  const over = new Date(at).getTime() < useNow(60_000);
  return over ? <Tag tone="warning">Over</Tag> : <Time at={at} />;
}

function Actions({ invitation, onAnew }: { invitation: Invitation; onAnew: () => void }) {
  const withdrawing = useWithdraw();
  return (
    <Row end>
      <Button size="sm" variant="ghost" onClick={onAnew}>
        New code…
      </Button>
      <Button
        size="sm"
        variant="danger"
        busy={withdrawing.isPending}
        aria-label={`Withdraw the invitation of ${invitation.email}`}
        onClick={() => withdrawing.mutate(invitation.id)}
      >
        Withdraw
      </Button>
    </Row>
  );
}
