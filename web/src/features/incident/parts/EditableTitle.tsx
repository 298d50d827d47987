import { Pencil } from 'lucide-react';
import type { FormEvent } from 'react';
import { api, read } from '@/api/client';
import { Button, IconButton } from '@/ui/Button';
import { at } from '../change';
import { useHere } from '../here';
import { useTextEdit } from '../textEdit';
import s from './EditableTitle.module.css';
import { TextConflict } from './TextConflict';

const MOST = 200;

/** What the incident is called, changed where it stands. */
export function EditableTitle() {
  const { incident, mayChange } = useHere();
  const of = useTextEdit('title', {
    load: async () => {
      const now = await read(
        api.GET('/api/v1/incidents/{incident_id}', { params: { path: { incident_id: incident.id } } }),
      );
      return { text: now.title, revision: now.revision };
    },
    save: (title, revision) =>
      api.PATCH('/api/v1/incidents/{incident_id}', {
        params: at({ id: incident.id, revision }),
        body: { title: title.trim() },
      }),
    said: 'Title changed',
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    if (of.edit?.draft.trim()) void of.save();
  }
  if (of.edit) {
    return (
      <form className={s.form} onSubmit={submit}>
        <input
          className={s.input}
          aria-label="Title"
          value={of.edit.draft}
          maxLength={MOST}
          readOnly={of.busy}
          // biome-ignore lint/a11y/noAutofocus: it stands where the button to edit was
          autoFocus
          onChange={(event) => of.change(event.target.value)}
          onKeyDown={(event) => event.key === 'Escape' && of.leave()}
        />
        <Button type="submit" variant="primary" busy={of.busy} disabled={!of.edit.draft.trim()}>
          Save
        </Button>
        <Button onClick={of.leave}>Cancel</Button>
        <TextConflict of={of} what="the title" line />
      </form>
    );
  }
  return (
    <span className={s.title}>
      {incident.title}
      {mayChange && (
        <IconButton
          size="sm"
          label="Edit the title"
          onClick={() => of.begin({ text: incident.title, revision: incident.revision })}
        >
          <Pencil size={12} aria-hidden="true" />
        </IconButton>
      )}
    </span>
  );
}
