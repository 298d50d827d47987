import { type ReactNode, useState } from 'react';
import { asApiError } from '@/api/problem';
import { DialogForm } from '@/domain/dialogs/FormDialog';
import { Meanwhile } from '@/domain/Meanwhile';
import { OrganizationField, useOrganizations } from '@/domain/OrganizationField';
import { words } from '@/lib/format';
import { type Draft, useDraft } from '@/lib/useDraft';
import { Banner } from '@/ui/Banner';
import { Code } from '@/ui/Code';
import { Dialog, NoticeDialog } from '@/ui/Dialog';
import { Select } from '@/ui/Select';
import { ChannelFields } from './ChannelFields';
import { useChangeChannel, useCreateChannel } from './changes';
import { type ChannelForm, mistakes, NEW, toCreate, toForm, toUpdate } from './channelForm';
import type { Channel } from './queries';

const KINDS = [
  ['email', 'E-mail'],
  ['webhook', 'Webhook: a chat, or a program'],
] as const;

/** A channel that there was not. */
export function NewChannelDialog({ onLeave }: { onLeave: () => void }) {
  const creating = useCreateChannel();
  const draft = useDraft<ChannelForm>(NEW, 0);
  const [home, setHome] = useState(useOrganizations('notifications:write')[0]?.organization_id ?? '');
  if (creating.data) return <Created name={creating.data.name} signing={creating.data.key} onLeave={onLeave} />;
  return (
    <Dialog title="Create channel" onLeave={onLeave}>
      <Form
        draft={draft}
        host={null}
        error={creating.error}
        busy={creating.isPending}
        verb="Create channel"
        onSave={() => creating.mutate(toCreate(draft.value, home))}
        onLeave={onLeave}
      >
        <OrganizationField permission="notifications:write" value={home} onChange={setHome} />
        <Select
          label="Kind"
          value={draft.value.kind}
          options={KINDS}
          onChange={(event) => draft.change({ kind: event.target.value as ChannelForm['kind'] })}
        />
      </Form>
    </Dialog>
  );
}

function Created({ name, signing, onLeave }: { name: string; signing: string | null; onLeave: () => void }) {
  return (
    <NoticeDialog once title={`Created: ${name}`} onLeave={onLeave}>
      {signing === null ? (
        <Banner tone="success">Send a test message to see whether it arrives.</Banner>
      ) : (
        <>
          <Banner tone="warning">
            This is shown once. Who receives the messages checks their signature with it; a chat needs none.
          </Banner>
          <Code label="Signing key" text={signing} />
        </>
      )}
    </NoticeDialog>
  );
}

/** Another name, or another place that it leads to. */
export function ChannelDialog({ channel, onLeave }: { channel: Channel; onLeave: () => void }) {
  const changing = useChangeChannel();
  const draft = useDraft(toForm(channel), channel.revision);
  const stale = changing.error && asApiError(changing.error).status === 412;
  return (
    <Dialog title="Change channel" description={channel.name} onLeave={onLeave}>
      <Meanwhile
        changes={draft.meanwhile}
        line={({ path, before, after }) => ({ name: words(path), before: String(before), after: String(after) })}
      />
      <Form
        draft={draft}
        host={channel.host ?? ''}
        error={stale ? null : changing.error}
        busy={changing.isPending}
        verb="Save channel"
        onSave={() => changing.mutate({ channel, body: toUpdate(draft.value) }, { onSuccess: onLeave })}
        onLeave={onLeave}
      />
    </Dialog>
  );
}

interface FormProps {
  draft: Draft<ChannelForm>;
  host: string | null;
  error: unknown;
  busy: boolean;
  verb: string;
  onSave: () => void;
  onLeave: () => void;
  children?: ReactNode;
}

/** Codes of refusals that are about one field, which the problem does not name. */
const OF_FIELD: Readonly<Record<string, string>> = { url_not_allowed: 'url', channel_name_taken: 'name' };

function Form({ draft, host, error, busy, verb, onSave, onLeave, children }: FormProps) {
  const [tried, setTried] = useState(false);
  const missing = mistakes(draft.value, host === null);
  const refused = error ? asApiError(error) : undefined;
  const field = refused && OF_FIELD[refused.code];
  const wrong = new Map([
    ...(refused?.fields ?? []),
    ...(refused && field ? [[field, refused.message] as const] : []),
    ...(tried ? missing : []),
  ]);
  function submit() {
    setTried(true);
    if (missing.size === 0) onSave();
  }
  return (
    <DialogForm
      noValidate
      verb={verb}
      busy={busy}
      error={field ? undefined : error}
      shown={['name', 'to', 'url', 'key', 'format']}
      ready={draft.dirty}
      onSubmit={submit}
      onLeave={onLeave}
    >
      {children}
      <ChannelFields value={draft.value} host={host} wrong={wrong} onChange={draft.change} />
    </DialogForm>
  );
}
