import { useState } from 'react';
import { asApiError } from '@/api/problem';
import type { Permission } from '@/api/session';
import { FormDialog } from '@/domain/dialogs/FormDialog';
import { OrganizationField } from '@/domain/OrganizationField';
import { useSession } from '@/domain/session';
import { Time } from '@/domain/Time';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { Choices } from '@/ui/Choices';
import { Code } from '@/ui/Code';
import { NoticeDialog } from '@/ui/Dialog';
import { TextField } from '@/ui/Field';
import { KeyValue } from '@/ui/KeyValue';
import { Columns, Row } from '@/ui/Page';
import { useCreateToken } from './queries';
import { scopesOf } from './scopes';

const MOST_DAYS = 366;
const SHOWN = ['name', 'scopes', 'expires_days', 'password'];

/** A key for a program: what it may do, and for how long. */
export function CreateTokenDialog({ onLeave }: { onLeave: () => void }) {
  const { memberships } = useSession();
  const creating = useCreateToken();
  const [home, setHome] = useState(memberships[0]?.organization_id ?? '');
  const [name, setName] = useState('');
  const [scopes, setScopes] = useState<Permission[]>([]);
  const [days, setDays] = useState('90');
  const [password, setPassword] = useState('');
  const permissions = memberships.find((one) => one.organization_id === home)?.permissions ?? [];
  const wrongDays = /^\d+$/.test(days) && +days >= 1 && +days <= MOST_DAYS ? undefined : `1 to ${MOST_DAYS} days.`;
  function move(to: string) {
    setHome(to);
    setScopes([]);
  }
  if (creating.data) return <Created token={creating.data} secret={creating.data.token} onLeave={onLeave} />;
  const refused = creating.error && asApiError(creating.error);
  const wrong = (field: string) => refused?.fields.get(field);
  const badPassword = refused?.code === 'bad_credentials' || refused?.code === 'password_needed';
  return (
    <FormDialog
      size="lg"
      title="Create API token"
      description="It may do what you choose here and, at any time, no more than you may then."
      verb="Create token"
      busy={creating.isPending}
      error={badPassword ? undefined : creating.error}
      shown={SHOWN}
      ready={name.trim() !== '' && scopes.length > 0 && wrongDays === undefined}
      onSubmit={() => {
        const body = { name: name.trim(), scopes, expires_days: Number(days), organization_id: home };
        creating.mutate({ ...body, password: password || null });
      }}
      onLeave={onLeave}
    >
      <OrganizationField value={home} onChange={move} />
      <Columns kind="fields">
        <TextField
          label="Name"
          required
          autoFocus
          maxLength={200}
          autoComplete="off"
          placeholder="Nightly export"
          help="What it is for, so that others know whether it may go."
          value={name}
          error={wrong('name')}
          onChange={(event) => setName(event.target.value)}
        />
        <TextField
          label="Good for, in days"
          inputMode="numeric"
          required
          help={`${MOST_DAYS} at most.`}
          value={days}
          error={wrongDays ?? wrong('expires_days')}
          onChange={(event) => setDays(event.target.value.trim())}
        />
      </Columns>
      <Choices
        label="Scopes"
        help="Only what your own role may do can be chosen."
        error={wrong('scopes')}
        options={scopesOf(permissions)}
        value={scopes}
        onChange={setScopes}
      />
      <Row>
        <Button size="sm" onClick={() => setScopes(permissions.filter((one) => one.endsWith(':read')))}>
          All that read
        </Button>
        <Button size="sm" onClick={() => setScopes([])} disabled={scopes.length === 0}>
          None
        </Button>
        <span className="u-subtle">{scopes.length} chosen</span>
      </Row>
      <TextField
        label="Your password"
        type="password"
        autoComplete="current-password"
        help="A token outlives the session it is made in. Leave it empty if you sign in with the identity provider."
        value={password}
        error={badPassword ? refused.message : wrong('password')}
        onChange={(event) => setPassword(event.target.value)}
      />
    </FormDialog>
  );
}

interface CreatedProps {
  token: { name: string; expires_at: string | null };
  secret: string;
  onLeave: () => void;
}

function Created({ token, secret, onLeave }: CreatedProps) {
  return (
    <NoticeDialog once title={`Created: ${token.name}`} onLeave={onLeave}>
      <Banner tone="warning">This is shown once. Copy it to where it is needed now.</Banner>
      <Code label="Token" text={secret} />
      <KeyValue
        facts={[
          [
            'Send it as',
            <code key="header" className="u-mono">
              Authorization: Bearer …
            </code>,
          ],
          ['Good until', token.expires_at && <Time key="until" at={token.expires_at} />],
        ]}
      />
    </NoticeDialog>
  );
}
