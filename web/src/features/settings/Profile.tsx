import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { FormEvent } from 'react';
import { changeProfile, sessionQuery } from '@/api/session';
import { Refused } from '@/domain/dialogs/Refused';
import { useSession } from '@/domain/session';
import { words } from '@/lib/format';
import { Button } from '@/ui/Button';
import { TextField } from '@/ui/Field';
import { KeyValue } from '@/ui/KeyValue';
import { Section } from '@/ui/Page';
import { type Column, Table } from '@/ui/Table';
import { say } from '@/ui/toast';
import s from './SettingsPage.module.css';

type Membership = ReturnType<typeof useSession>['memberships'][number];

const COLUMNS: readonly Column<Membership>[] = [
  { name: 'Organization', cell: (one) => one.organization, grow: true },
  { name: 'Role', cell: (one) => words(one.role) },
  {
    name: 'Permissions',
    cell: (one) => <span title={one.permissions.join(', ')}>{one.permissions.length}</span>,
    align: 'end',
  },
];

/** Who the person is here, and where. */
export function Profile() {
  const { memberships } = useSession();
  return (
    <>
      <Section title="You">
        <Name />
      </Section>
      <Section title="Your organizations" flush>
        <Table label="Your organizations" columns={COLUMNS} rows={memberships} keyOf={(one) => one.organization_id} />
      </Section>
    </>
  );
}

function Name() {
  const { user } = useSession();
  const client = useQueryClient();
  const renaming = useMutation({
    mutationFn: (name: string) => changeProfile({ name }),
    onSuccess: ({ user, preferences }) => {
      client.setQueryData(sessionQuery.queryKey, (session) => session && { ...session, user, preferences });
      void client.invalidateQueries({ queryKey: ['people'] });
      say({ title: 'Name changed' });
    },
  });
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    renaming.mutate(String(new FormData(event.currentTarget).get('name')).trim());
  }
  return (
    <form className={s.form} onSubmit={submit}>
      <Refused error={renaming.error} />
      <TextField label="Name" name="name" defaultValue={user.name} required maxLength={200} autoComplete="name" />
      <KeyValue facts={[['E-mail', user.email]]} />
      <div>
        <Button type="submit" variant="primary" busy={renaming.isPending}>
          Change name
        </Button>
      </div>
    </form>
  );
}
