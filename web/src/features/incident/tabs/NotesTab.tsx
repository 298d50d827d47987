import { useRef } from 'react';
import { api } from '@/api/client';
import { MarkdownField } from '@/domain/Markdown';
import { Reply } from '@/domain/Reply';
import { Button } from '@/ui/Button';
import { Row } from '@/ui/Page';
import { State } from '@/ui/State';
import { useChange } from '../change';
import { useHere, useKept, useWriting } from '../here';
import { usePages } from '../parts/usePages';
import { notesQuery } from '../queries';
import { NoteItem } from './NoteItem';
import s from './NotesTab.module.css';

/** What people wrote down for each other. */
export function NotesTab() {
  const { incident, takes } = useHere();
  const { rows, reply, more } = usePages(notesQuery(incident.id));
  return (
    <>
      {takes && <Composer />}
      <Reply of={reply} lines={4}>
        {() => (
          <>
            {rows.length === 0 && (
              <State title="No notes yet">
                {takes
                  ? 'Write what you found out, so that others need not find it out again.'
                  : 'Nobody has written any.'}
              </State>
            )}
            <ol className={s.notes}>
              {rows.map((note) => (
                <NoteItem key={note.id} note={note} />
              ))}
            </ol>
            {more && (
              <Button size="sm" busy={more.busy} onClick={more.load}>
                Show more
              </Button>
            )}
          </>
        )}
      </Reply>
    </>
  );
}

function Composer() {
  const { incident } = useHere();
  const [text, setText] = useKept('new note', '');
  const change = useChange(incident.id, { onDone: () => setText('') });
  const place = useRef<HTMLDivElement>(null);
  useWriting('notes', place);
  const add = () =>
    change.mutate({
      send: () =>
        api.POST('/api/v1/incidents/{incident_id}/notes', {
          params: { path: { incident_id: incident.id } },
          body: { body: text },
        }),
      said: 'Added the note',
    });
  return (
    <section
      ref={place}
      aria-label="New note"
      className={s.composer}
      onKeyDown={(event) => {
        if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && text.trim() && !change.isPending) add();
      }}
    >
      <MarkdownField
        label="New note"
        value={text}
        onChange={setText}
        rows={3}
        maxLength={20_000}
        readOnly={change.isPending}
      />
      <Row end>
        <span className="u-subtle">Who is named as @person@example.org is told.</span>
        <Button variant="primary" busy={change.isPending} disabled={!text.trim()} title="Ctrl+Enter" onClick={add}>
          Add note
        </Button>
      </Row>
    </section>
  );
}
