import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { asApiError } from '@/api/problem';
import { FormDialog } from '@/domain/dialogs/FormDialog';
import { useMay } from '@/domain/session';
import { ConfirmDialog } from '@/ui/Dialog';
import { TextField } from '@/ui/Field';
import { Switch } from '@/ui/Switch';
import { complain, say } from '@/ui/toast';
import { useViewChange } from './useViewChange';
import { createView, deleteView, type View, type ViewContent, type ViewKind, viewsQuery } from './views';

export type Asked = { what: 'create' } | { what: 'rename' | 'delete'; view: View };

interface Props {
  kind: ViewKind;
  asked: Asked;
  current: ViewContent;
  onLeave: () => void;
  onSaved: (view: View) => void;
  onGone: () => void;
}

/** Asks for a view's name, or whether it may go. */
export function ViewDialog({ asked, onGone, ...rest }: Props) {
  return asked.what === 'delete' ? (
    <Remove kind={rest.kind} view={asked.view} onLeave={rest.onLeave} onGone={onGone} />
  ) : (
    <Name {...rest} view={asked.what === 'rename' ? asked.view : undefined} />
  );
}

function Name({ kind, view, current, onLeave, onSaved }: Omit<Props, 'asked' | 'onGone'> & { view: View | undefined }) {
  const client = useQueryClient();
  const mayShare = useMay('views:share');
  const [name, setName] = useState(view?.name ?? '');
  const [shared, setShared] = useState(false);
  const rename = useViewChange(kind, onLeave);
  const create = useMutation({
    mutationFn: () => createView(kind, name.trim(), shared, current),
    onSuccess: (made) => {
      client.setQueryData(viewsQuery(kind).queryKey, (all = []) => [...all, made]);
      say({ title: `Saved: ${made.name}` });
      onLeave();
      onSaved(made);
    },
  });
  const failed = create.error ?? undefined;
  function save() {
    if (view) rename.mutate({ view, body: { name: name.trim() }, done: 'Renamed' });
    else create.mutate();
  }
  return (
    <FormDialog
      title={view ? 'Rename view' : 'Save view'}
      verb={view ? 'Rename' : 'Save view'}
      busy={create.isPending || rename.isPending}
      ready={name.trim() !== ''}
      onSubmit={save}
      onLeave={onLeave}
    >
      <TextField
        label="Name"
        value={name}
        required
        maxLength={100}
        autoFocus
        error={failed && asApiError(failed).message}
        onChange={(event) => setName(event.target.value)}
      />
      {!view && mayShare && <Switch label="Share with everybody" checked={shared} onChange={setShared} />}
    </FormDialog>
  );
}

function Remove({ kind, view, onLeave, onGone }: Pick<Props, 'kind' | 'onLeave' | 'onGone'> & { view: View }) {
  const client = useQueryClient();
  const remove = useMutation({
    mutationFn: () => deleteView(view),
    onSuccess: () => {
      client.setQueryData(viewsQuery(kind).queryKey, (all) => all?.filter((one) => one.id !== view.id));
      say({ title: `Deleted: ${view.name}` });
      onLeave();
      onGone();
    },
    onError: (error) => complain({ title: `Not deleted: ${view.name}`, description: asApiError(error).message }),
  });
  return (
    <ConfirmDialog
      title="Delete view"
      verb="Delete view"
      busy={remove.isPending}
      onConfirm={() => remove.mutate()}
      onLeave={onLeave}
    >
      “{view.name}” is gone then, {view.shared ? 'for everybody' : 'for you'}. What it listed stays.
    </ConfirmDialog>
  );
}
