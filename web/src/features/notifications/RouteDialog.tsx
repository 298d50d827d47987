import { type ReactNode, useState } from 'react';
import { asApiError } from '@/api/problem';
import { DialogForm } from '@/domain/dialogs/FormDialog';
import { Meanwhile } from '@/domain/Meanwhile';
import { OrganizationField, useOrganizations } from '@/domain/OrganizationField';
import { type Draft, useDraft } from '@/lib/useDraft';
import { Dialog } from '@/ui/Dialog';
import { Select } from '@/ui/Select';
import { useChangeRoute, useCreateRoute } from './changes';
import { kindsFor } from './kinds';
import type { Channel, Route } from './queries';
import { RouteFields } from './RouteFields';
import { mistakes, NEW, nameOf, type RouteForm, toBody, toForm, told } from './routeForm';

const ME = 'me';

interface NewProps {
  /** Those that can be chosen; none for who looks after none. */
  channels: readonly Channel[];
  onLeave: () => void;
}

/** Where something goes that went nowhere. */
export function NewRouteDialog({ channels, onLeave }: NewProps) {
  const creating = useCreateRoute();
  const draft = useDraft<RouteForm>(NEW, 0);
  const open = channels.filter((one) => one.disabled_at === null);
  const [target, setTarget] = useState(open[0]?.id ?? ME);
  const [home, setHome] = useState(useOrganizations()[0]?.organization_id ?? '');
  const kind = target === ME ? 'person' : 'channel';
  function move(to: string) {
    setTarget(to);
    const possible = kindsFor(to === ME ? 'person' : 'channel');
    draft.change({ kinds: draft.value.kinds.filter((one) => possible.includes(one)) });
  }
  function save() {
    const to = target === ME ? { organization_id: home } : { channel_id: target };
    creating.mutate({ ...toBody(draft.value), ...to }, { onSuccess: onLeave });
  }
  return (
    <Dialog size="lg" title="Create route" onLeave={onLeave}>
      <Form
        draft={draft}
        target={kind}
        error={creating.error}
        busy={creating.isPending}
        verb="Create route"
        onSave={save}
        onLeave={onLeave}
      >
        {open.length > 0 && (
          <Select
            label="To"
            value={target}
            options={[...open.map((one) => [one.id, one.name] as const), [ME, 'Myself, by e-mail']]}
            onChange={(event) => move(event.target.value)}
          />
        )}
        {target === ME && <OrganizationField value={home} onChange={setHome} />}
      </Form>
    </Dialog>
  );
}

interface Props {
  route: Route;
  /** To whom or what it goes. */
  to: string;
  onLeave: () => void;
}

/** Another one than it was. */
export function RouteDialog({ route, to, onLeave }: Props) {
  const changing = useChangeRoute();
  const draft = useDraft(toForm(route), route.revision);
  const stale = changing.error && asApiError(changing.error).status === 412;
  return (
    <Dialog size="lg" title="Change route" description={`To ${to}`} onLeave={onLeave}>
      <Meanwhile
        changes={draft.meanwhile}
        line={({ path, before, after }) => ({
          name: nameOf(path),
          before: told(path, before),
          after: told(path, after),
        })}
      />
      <Form
        draft={draft}
        target={route.channel_id === null ? 'person' : 'channel'}
        error={stale ? null : changing.error}
        busy={changing.isPending}
        verb="Save route"
        onSave={() => changing.mutate({ route, body: toBody(draft.value) }, { onSuccess: onLeave })}
        onLeave={onLeave}
      />
    </Dialog>
  );
}

interface FormProps {
  draft: Draft<RouteForm>;
  target: 'channel' | 'person';
  error: unknown;
  busy: boolean;
  verb: string;
  onSave: () => void;
  onLeave: () => void;
  children?: ReactNode;
}

function Form({ draft, target, error, busy, verb, onSave, onLeave, children }: FormProps) {
  const [tried, setTried] = useState(false);
  const wrong = mistakes(draft.value);
  function submit() {
    setTried(true);
    if (wrong.size === 0) onSave();
  }
  return (
    <DialogForm
      noValidate
      verb={verb}
      busy={busy}
      error={error}
      ready={draft.dirty}
      onSubmit={submit}
      onLeave={onLeave}
    >
      {children}
      <RouteFields value={draft.value} target={target} wrong={tried ? wrong : new Map()} onChange={draft.change} />
    </DialogForm>
  );
}
