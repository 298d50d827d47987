import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { api, read } from '@/api/client';
import { ifMatch } from '@/api/preconditions';
import { asApiError } from '@/api/problem';
import { Markdown, MarkdownField } from '@/domain/Markdown';
import { Reply } from '@/domain/Reply';
import { useSession } from '@/domain/session';
import { Time } from '@/domain/Time';
import { useKept } from '@/lib/useKept';
import { Avatar } from '@/ui/Avatar';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { ConfirmDialog, Dialog } from '@/ui/Dialog';
import { Row, Stack } from '@/ui/Page';
import { complain, say } from '@/ui/toast';
import s from './NoteItem.module.css';
import { type Note, noteQuery, notesQuery } from './queries';

/** A note, which its writer may write anew or take back. */
export function NoteItem({ note }: { note: Note }) {
  const { user } = useSession();
  const [doing, setDoing] = useState<'edit' | 'remove' | 'versions' | null>(null);
  const mine = note.author_id === user.id;
  const leave = () => setDoing(null);
  return (
    <article className={s.note}>
      <header className={s.head}>
        <Avatar name={note.author_name} me={mine} />
        <strong>{note.author_name}</strong>
        <span className="u-subtle">
          <Time at={note.created_at} />
        </span>
        {note.updated_at !== note.created_at && (
          <Button size="sm" variant="ghost" onClick={() => setDoing('versions')}>
            edited
          </Button>
        )}
        {mine && doing !== 'edit' && (
          <span className={s.actions}>
            <Button size="sm" variant="ghost" onClick={() => setDoing('edit')}>
              Edit
            </Button>
            <Button size="sm" variant="ghost" onClick={() => setDoing('remove')}>
              Take back
            </Button>
          </span>
        )}
      </header>
      {doing === 'edit' ? <Editor note={note} onLeave={leave} /> : <Markdown text={note.body} />}
      {doing === 'remove' && <Remove note={note} onLeave={leave} />}
      {doing === 'versions' && <Versions note={note} onLeave={leave} />}
    </article>
  );
}

/** What is written anew, and the note as it was when that began. */
interface Draft {
  seen: Note;
  body: string;
}

/** Keeps the revision at which writing began, so that nothing is overwritten unseen. */
function Editor({ note, onLeave }: { note: Note; onLeave: () => void }) {
  const client = useQueryClient();
  const [draft, setDraft] = useKept<Draft | null>(`${useSession().user.id} note ${note.id}`, null);
  const { seen, body } = draft ?? { seen: note, body: note.body };
  function leave() {
    setDraft(null);
    onLeave();
  }
  const saving = useMutation({
    mutationFn: () =>
      read(
        api.PUT('/api/v1/alerts/{alert_id}/notes/{note_id}', {
          params: { path: { alert_id: note.alert_id, note_id: note.id }, header: ifMatch(seen.revision) },
          body: { body },
        }),
      ),
    onSuccess: () => {
      say({ title: 'Note saved' });
      leave();
      return client.invalidateQueries({ queryKey: notesQuery(note.alert_id).queryKey });
    },
  });
  const refused = saving.error ? asApiError(saving.error) : undefined;
  const other = refused?.status === 412 ? (refused.body as { current?: Note } | undefined)?.current : undefined;
  return (
    <Stack gap="sm">
      {other && (
        <Banner
          tone="warning"
          action={
            <Button
              size="sm"
              onClick={() => {
                setDraft({ seen: other, body });
                saving.reset();
              }}
            >
              Keep mine
            </Button>
          }
        >
          It was changed elsewhere meanwhile, and reads now:
          <Markdown text={other.body} />
        </Banner>
      )}
      {refused && !other && <Banner tone="danger">{refused.message}</Banner>}
      <MarkdownField
        label="Note"
        value={body}
        onChange={(text) => setDraft({ seen, body: text })}
        rows={5}
        maxLength={20_000}
        readOnly={saving.isPending}
        autoFocus
      />
      <Row end>
        <Button onClick={leave}>Cancel</Button>
        <Button
          variant="primary"
          busy={saving.isPending}
          disabled={!body.trim() || other !== undefined}
          onClick={() => saving.mutate()}
        >
          Save note
        </Button>
      </Row>
    </Stack>
  );
}

function Remove({ note, onLeave }: { note: Note; onLeave: () => void }) {
  const client = useQueryClient();
  const removing = useMutation({
    mutationFn: () =>
      api.DELETE('/api/v1/alerts/{alert_id}/notes/{note_id}', {
        params: { path: { alert_id: note.alert_id, note_id: note.id }, header: ifMatch(note.revision) },
      }),
    onSuccess: () => say({ title: 'Note taken back' }),
    onError: (error) => complain({ title: 'Note not taken back', description: asApiError(error).message }),
    onSettled: () => {
      onLeave();
      return client.invalidateQueries({ queryKey: notesQuery(note.alert_id).queryKey });
    },
  });
  return (
    <ConfirmDialog
      title="Take back this note?"
      verb="Take back note"
      busy={removing.isPending}
      onConfirm={() => removing.mutate()}
      onLeave={onLeave}
    >
      It is shown no more. Its versions are kept for the record.
    </ConfirmDialog>
  );
}

function Versions({ note, onLeave }: { note: Note; onLeave: () => void }) {
  const one = useQuery(noteQuery(note.alert_id, note.id));
  return (
    <Dialog title="Versions of this note" size="lg" onLeave={onLeave}>
      <Reply of={one}>
        {({ versions }) => (
          <Stack>
            {[...versions].reverse().map((version) => (
              <article key={version.revision} className={s.note}>
                <header className={s.head}>
                  <strong>Version {version.revision}</strong>
                  <span className="u-subtle">
                    {version.author_name} · <Time at={version.created_at} />
                  </span>
                </header>
                {version.body ? <Markdown text={version.body} /> : <p className="u-subtle">Taken back.</p>}
              </article>
            ))}
          </Stack>
        )}
      </Reply>
      <Row end>
        <Button onClick={onLeave}>Close</Button>
      </Row>
    </Dialog>
  );
}
