import { Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { api, read } from '@/api/client';
import { ifMatch } from '@/api/preconditions';
import { Moment, useZoneLabel } from '@/domain/Time';
import { formatCount } from '@/lib/format';
import { useLook } from '@/lib/look';
import { fieldOf, momentOf } from '@/lib/zone';
import { Button, IconButton } from '@/ui/Button';
import { ConfirmDialog } from '@/ui/Dialog';
import { TextArea, TextField } from '@/ui/Field';
import { Row } from '@/ui/Page';
import { Tag } from '@/ui/Tag';
import { useChange } from '../change';
import { useHere, useKept } from '../here';
import { TextConflict } from '../parts/TextConflict';
import type { Entry } from '../queries';
import { type TextEdit, useTextEdit } from '../textEdit';
import s from './TimelineTab.module.css';

/** One thing that happened. What somebody entered they may change, unless it is held. */
export function TimelineEntry({ entry }: { entry: Entry }) {
  const { incident, me, takes } = useHere();
  const { zone } = useLook();
  const [removing, setRemoving] = useState(false);
  const [when, setWhen] = useKept(`entry ${entry.id} at`, fieldOf(entry.occurred_at, zone));
  const of = useEntryEdit(entry, when);
  const byHand = entry.kind === 'observed';
  const own = takes && byHand && entry.author_id === me && !entry.removed_at && !incident.legal_hold;
  return (
    <li className={s.entry} data-hand={byHand ? '' : undefined}>
      <span className={s.when}>
        <Moment at={entry.occurred_at} />
      </span>
      {of.edit ? (
        <Form of={of} when={when} onWhen={setWhen} />
      ) : (
        <div className={s.told}>
          <span className={entry.removed_at ? 'u-subtle' : s.message}>
            {entry.removed_at ? 'Taken back' : entry.message}
          </span>
          {entry.count > 1 && <Tag>×{formatCount(entry.count)}</Tag>}
          {entry.origin_id && <Tag>came by a merge</Tag>}
          <span className="u-subtle">{entry.author_name}</span>
        </div>
      )}
      {own && !of.edit && (
        <span className={s.tools}>
          <IconButton
            size="sm"
            label="Edit this entry"
            onClick={() => of.begin({ text: entry.message, revision: entry.revision })}
          >
            <Pencil size={12} aria-hidden="true" />
          </IconButton>
          <IconButton size="sm" label="Remove this entry" onClick={() => setRemoving(true)}>
            <Trash2 size={12} aria-hidden="true" />
          </IconButton>
        </span>
      )}
      <TextConflict of={of} what="this entry" />
      {removing && <Remove entry={entry} onLeave={() => setRemoving(false)} />}
    </li>
  );
}

function useEntryEdit(entry: Entry, when: string): TextEdit {
  const { incident } = useHere();
  const { zone } = useLook();
  // A field has no seconds: where it was not touched, they are kept.
  const at =
    when === fieldOf(entry.occurred_at, zone) ? entry.occurred_at : (momentOf(when, zone) ?? entry.occurred_at);
  return useTextEdit(`entry ${entry.id}`, {
    load: async () => {
      const path = { incident_id: incident.id };
      const { items } = await read(
        api.GET('/api/v1/incidents/{incident_id}/timeline', {
          params: { path, query: { kind: ['observed'], limit: 100 } },
        }),
      );
      const now = items.find(({ id }) => id === entry.id);
      if (!now) throw new Error('The entry is there no longer; what you wrote is.');
      return { text: now.message, revision: now.revision };
    },
    save: (message, revision) =>
      api.PUT('/api/v1/incidents/{incident_id}/timeline/{entry_id}', {
        params: { path: { incident_id: incident.id, entry_id: entry.id }, header: ifMatch(revision) },
        body: { message, occurred_at: at },
      }),
    said: 'Saved the entry',
  });
}

function Form({ of, when, onWhen }: { of: TextEdit; when: string; onWhen: (when: string) => void }) {
  const label = useZoneLabel();
  return (
    <div className={s.form}>
      <TextArea
        label="What happened"
        rows={2}
        maxLength={4_000}
        readOnly={of.busy}
        value={of.edit?.draft ?? ''}
        autoFocus
        onChange={(event) => of.change(event.target.value)}
      />
      <TextField
        type="datetime-local"
        label={`When (${label})`}
        value={when}
        onChange={(event) => onWhen(event.target.value)}
      />
      <Row end>
        <Button onClick={of.leave}>Cancel</Button>
        <Button variant="primary" busy={of.busy} disabled={!of.edit?.draft.trim()} onClick={() => void of.save()}>
          Save
        </Button>
      </Row>
    </div>
  );
}

function Remove({ entry, onLeave }: { entry: Entry; onLeave: () => void }) {
  const { incident } = useHere();
  const change = useChange(incident.id, { onDone: onLeave });
  const params = { path: { incident_id: incident.id, entry_id: entry.id }, header: ifMatch(entry.revision) };
  return (
    <ConfirmDialog
      title="Remove your entry?"
      verb="Remove"
      busy={change.isPending}
      onLeave={onLeave}
      onConfirm={() =>
        change.mutate({
          send: () => api.DELETE('/api/v1/incidents/{incident_id}/timeline/{entry_id}', { params }),
          said: 'Removed the entry',
        })
      }
    >
      “{entry.message.slice(0, 120)}” is taken out of the timeline of #{incident.number}.
    </ConfirmDialog>
  );
}
