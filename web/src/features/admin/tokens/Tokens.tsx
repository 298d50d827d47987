import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Refused } from '@/domain/dialogs/Refused';
import { ErrorState } from '@/domain/ErrorState';
import { Person } from '@/domain/Person';
import { useSession } from '@/domain/session';
import { Age, Time } from '@/domain/Time';
import { useNow } from '@/domain/useNow';
import { formatCount } from '@/lib/format';
import { Button } from '@/ui/Button';
import { ConfirmDialog } from '@/ui/Dialog';
import { Section } from '@/ui/Page';
import { Popover } from '@/ui/Popover';
import { Skeleton } from '@/ui/Skeleton';
import { State } from '@/ui/State';
import { type Column, Table } from '@/ui/Table';
import { Tag } from '@/ui/Tag';
import { type Token, tokensQuery, useRevokeToken } from './queries';
import { scopeLabel, stateOf } from './scopes';
import s from './Tokens.module.css';

/** Tokens with what they may do, and whether they are used. */
export function Tokens({ onCreate }: { onCreate: () => void }) {
  const list = useInfiniteQuery(tokensQuery);
  const [revoking, setRevoking] = useState<Token | null>(null);
  const { memberships } = useSession();
  if (list.isError && !list.data) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  if (!list.data) return <Skeleton />;
  const all = list.data.pages.flatMap((page) => page.items);
  const organization = (id: string) => memberships.find((one) => one.organization_id === id)?.organization;
  const columns: Column<Token>[] = [
    { name: 'Name', grow: true, cell: (one) => <span className={s.name}>{one.name}</span> },
    ...(memberships.length > 1
      ? [{ name: 'Organization', cell: (one: Token) => organization(one.organization_id) }]
      : []),
    { name: 'State', cell: (one) => <TokenState token={one} /> },
    { name: 'Scopes', cell: (one) => <Scopes token={one} /> },
    { name: 'Made by', minor: true, cell: (one) => <Maker id={one.created_by_id} /> },
    { name: 'Last used', cell: (one) => <LastUsed at={one.last_used_at} /> },
    { name: 'Good until', minor: true, cell: (one) => one.expires_at && <Time at={one.expires_at} /> },
    { name: 'Actions', align: 'end', cell: (one) => <Revoke token={one} onRevoke={() => setRevoking(one)} /> },
  ];
  return (
    <Section
      title={`${formatCount(all.length)}${list.hasNextPage ? '+' : ''} ${all.length === 1 ? 'token' : 'tokens'}`}
      flush
    >
      <Table
        label="API tokens"
        columns={columns}
        rows={all}
        keyOf={(one) => one.id}
        empty={
          <State title="No token yet" action={<Button onClick={onCreate}>Create token…</Button>}>
            Programs use the API with a token, which may do what you allow it, until it ends.
          </State>
        }
        more={list.hasNextPage ? { load: () => void list.fetchNextPage(), busy: list.isFetchingNextPage } : undefined}
      />
      {revoking && <RevokeDialog token={revoking} onLeave={() => setRevoking(null)} />}
    </Section>
  );
}

const TONES = { active: undefined, 'expires soon': 'warning', expired: 'danger', revoked: 'danger' } as const;

function TokenState({ token }: { token: Token }) {
  const state = stateOf(token, useNow(60_000));
  if (state === 'active') return <span className="u-muted">Active</span>;
  return (
    <span className={s.state}>
      <Tag tone={TONES[state]}>{state}</Tag>
      {token.revoked_at && (
        <span className="u-subtle">
          <Age at={token.revoked_at} />
        </span>
      )}
    </span>
  );
}

function Scopes({ token }: { token: Token }) {
  const [only] = token.scopes;
  if (token.scopes.length === 1 && only)
    return <Tag tone={only === '*' ? 'warning' : undefined}>{scopeLabel(only)}</Tag>;
  return (
    <Popover
      title={`What ${token.name} may do`}
      trigger={
        <Button size="sm" variant="ghost">
          {token.scopes.length} scopes
        </Button>
      }
    >
      {() => (
        <ul className={s.scopes}>
          {token.scopes.map((scope) => (
            <li key={scope}>{scopeLabel(scope)}</li>
          ))}
        </ul>
      )}
    </Popover>
  );
}

/** Who has no maker was made by a command on the server. */
function Maker({ id }: { id: string | null }) {
  if (id === null) return <span className={s.server}>on the server</span>;
  return (
    <span className={s.maker}>
      <Person id={id} />
    </span>
  );
}

function LastUsed({ at }: { at: string | null }) {
  return at === null ? <span className="u-subtle">Never</span> : <Time at={at} />;
}

function Revoke({ token, onRevoke }: { token: Token; onRevoke: () => void }) {
  if (token.revoked_at) return null;
  return (
    <Button size="sm" variant="danger" onClick={onRevoke} aria-label={`Revoke ${token.name}`}>
      Revoke…
    </Button>
  );
}

function RevokeDialog({ token, onLeave }: { token: Token; onLeave: () => void }) {
  const revoking = useRevokeToken();
  return (
    <ConfirmDialog
      title={`Revoke ${token.name}`}
      verb="Revoke"
      busy={revoking.isPending}
      onConfirm={() => revoking.mutate(token, { onSuccess: onLeave })}
      onLeave={onLeave}
    >
      <p>
        What uses it is refused from then on, and it cannot be taken back.{' '}
        {token.last_used_at ? (
          <>
            It was last used <Age at={token.last_used_at} /> ago.
          </>
        ) : (
          'It was never used.'
        )}
      </p>
      <Refused error={revoking.error} />
    </ConfirmDialog>
  );
}
