import { useInfiniteQuery } from '@tanstack/react-query';
import { ErrorState } from '@/domain/ErrorState';
import { useSession } from '@/domain/session';
import { Age, Time } from '@/domain/Time';
import { formatCount } from '@/lib/format';
import { Avatar } from '@/ui/Avatar';
import { Section } from '@/ui/Page';
import { Skeleton } from '@/ui/Skeleton';
import { type Column, Table } from '@/ui/Table';
import { Tag } from '@/ui/Tag';
import s from './People.module.css';
import { type Member, membersQuery } from './queries';
import { isLastAdmin, roleLabel } from './roles';
import { UserActions } from './UserActions';

/** Everybody, with how they sign in for who administers them. */
export function People() {
  const list = useInfiniteQuery(membersQuery);
  const { memberships } = useSession();
  if (list.isError && !list.data) return <ErrorState error={list.error} onRetry={() => void list.refetch()} />;
  if (!list.data) return <Skeleton />;
  const all = list.data.pages.flatMap((page) => page.items);
  const writes = memberships.some((one) => one.permissions.includes('users:write'));
  return (
    <Section
      title={`${formatCount(all.length)}${list.hasNextPage ? '+' : ''} ${all.length === 1 ? 'person' : 'people'}`}
      flush
    >
      <Table
        label="People"
        columns={columns(all, writes, memberships)}
        rows={all}
        keyOf={(one) => `${one.organization_id} ${one.id}`}
        more={list.hasNextPage ? { load: () => void list.fetchNextPage(), busy: list.isFetchingNextPage } : undefined}
      />
    </Section>
  );
}

type Memberships = ReturnType<typeof useSession>['memberships'];

function columns(all: readonly Member[], writes: boolean, memberships: Memberships): Column<Member>[] {
  const organization = (id: string) => memberships.find((one) => one.organization_id === id)?.organization;
  return [
    { name: 'Person', grow: true, cell: (one) => <Who member={one} /> },
    ...(memberships.length > 1
      ? [{ name: 'Organization', cell: (one: Member) => organization(one.organization_id) }]
      : []),
    {
      name: 'Role',
      cell: (one) => <Tag tone={one.role === 'admin' ? 'accent' : undefined}>{roleLabel(one.role)}</Tag>,
    },
    { name: 'State', cell: (one) => <State member={one} /> },
    ...(writes ? signingIn : []),
    ...(writes
      ? [
          {
            name: 'Actions',
            align: 'end' as const,
            cell: (one: Member) => <UserActions member={one} lastAdmin={isLastAdmin(one, all)} />,
          },
        ]
      : []),
  ];
}

const signingIn: Column<Member>[] = [
  { name: 'Last sign-in', cell: (one) => <LastSignIn member={one} /> },
  { name: 'Authenticator', minor: true, cell: (one) => <Authenticator member={one} /> },
  {
    name: 'Role from',
    minor: true,
    cell: (one) => <span className={s.plain}>{one.source === 'oidc' ? 'Provider' : 'By hand'}</span>,
  },
];

function Who({ member }: { member: Member }) {
  const { user } = useSession();
  return (
    <span className={s.who}>
      <Avatar name={member.name} me={member.id === user.id} />
      <span className={s.names}>
        <span className={s.name}>
          {member.name}
          {member.id === user.id && <span className="u-subtle"> you</span>}
        </span>
        <span className={s.email}>{member.email}</span>
      </span>
    </span>
  );
}

function State({ member }: { member: Member }) {
  if (!member.disabled_at) return <span className={s.plain}>Active</span>;
  return (
    <span className={s.state}>
      <Tag tone="danger">Disabled</Tag>
      <span className="u-subtle">
        <Age at={member.disabled_at} />
      </span>
    </span>
  );
}

function LastSignIn({ member }: { member: Member }) {
  if (member.last_login_at === undefined) return null;
  return member.last_login_at === null ? <span className="u-subtle">Never</span> : <Time at={member.last_login_at} />;
}

function Authenticator({ member }: { member: Member }) {
  if (member.totp_enabled === undefined) return null;
  return member.totp_enabled ? <Tag tone="success">On</Tag> : <span className="u-subtle">Off</span>;
}
