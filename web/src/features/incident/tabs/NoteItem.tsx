import { useQuery } from '@tanstack/react-query';
import { History, Pencil, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { api, read } from '@/api/client';
import { ifMatch } from '@/api/preconditions';
import { Markdown, MarkdownField } from '@/domain/Markdown';
import { Reply } from '@/domain/Reply';
import { Time } from '@/domain/Time';
import { Avatar } from '@/ui/Avatar';
import { Button, IconButton } from '@/ui/Button';
import { ConfirmDialog, NoticeDialog } from '@/ui/Dialog';
import { Row } from '@/ui/Page';
import { Tag } from '@/ui/Tag';
import { useChange } from '../change';
import { useHere } from '../here';
import { TextConflict } from '../parts/TextConflict';
import { type Note, noteVersionsQuery } from '../queries';
import { useTextEdit } from '../textEdit';
import s from './NotesTab.module.css';
import { VersionList } from './Versions';

/** One note; its author changes it, and takes it back. */
export function NoteItem({ note }: { note: Note }) {
  const { incident, me, takes } = useHere();
  const [asked, setAsked] = useState<'remove' | 'versions' | null>(null);
  const path = { incident_id: incident.id, note_id: note.id };
  const of = useTextEdit(`note ${note.id}`, {
    load: async () => {
      const now = await read(api.GET('/api/v1/incidents/{incident_id}/notes/{note_id}', { params: { path } }));
      return { text: now.body, revision: now.revision };
    },
    save: (body, revision) =>
      api.PUT('/api/v1/incidents/{incident_id}/notes/{note_id}', {
        params: { path, header: ifMatch(revision) },
        body: { body },
      }),
    said: 'Saved the note',
  });
  const begin = () => of.begin({ text: note.body, revision: note.revision });
  const own = takes && note.author_id === me;
  return (
    <li className={s.note}>
      <header className={s.head}>
        <Avatar name={note.author_name} me={note.author_id === me} />
        <strong>{note.author_name}</strong>
        <Time at={note.created_at} />
        {note.revision > 1 && <Tag>edited</Tag>}
        {note.origin_id && <Tag>came by a merge</Tag>}
        <Tools note={note} own={own} onEdit={begin} onAsk={setAsked} />
      </header>
      {of.edit ? (
        <>
          <MarkdownField
            label="Note"
            value={of.edit.draft}
            onChange={of.change}
            maxLength={20_000}
            readOnly={of.busy}
            autoFocus
          />
          <Row end>
            <Button onClick={of.leave}>Cancel</Button>
            <Button variant="primary" busy={of.busy} disabled={!of.edit.draft.trim()} onClick={() => void of.save()}>
              Save
            </Button>
          </Row>
        </>
      ) : (
        <Markdown text={note.body} />
      )}
      <TextConflict of={of} what="this note" />
      {asked === 'remove' && <Remove note={note} onLeave={() => setAsked(null)} />}
      {asked === 'versions' && <NoteVersions note={note} onLeave={() => setAsked(null)} />}
    </li>
  );
}

interface ToolsProps {
  note: Note;
  own: boolean;
  onEdit: () => void;
  onAsk: (ask: 'remove' | 'versions') => void;
}

function Tools({ note, own, onEdit, onAsk }: ToolsProps) {
  return (
    <span className={s.tools}>
      {note.revision > 1 && (
        <IconButton size="sm" label="Versions of this note" onClick={() => onAsk('versions')}>
          <History size={13} aria-hidden="true" />
        </IconButton>
      )}
      {own && (
        <>
          <IconButton size="sm" label="Edit this note" onClick={onEdit}>
            <Pencil size={13} aria-hidden="true" />
          </IconButton>
          <IconButton size="sm" label="Remove this note" onClick={() => onAsk('remove')}>
            <Trash2 size={13} aria-hidden="true" />
          </IconButton>
        </>
      )}
    </span>
  );
}

function Remove({ note, onLeave }: { note: Note; onLeave: () => void }) {
  const { incident } = useHere();
  const change = useChange(incident.id, { onDone: onLeave });
  const params = { path: { incident_id: incident.id, note_id: note.id }, header: ifMatch(note.revision) };
  return (
    <ConfirmDialog
      title="Remove your note?"
      verb="Remove"
      busy={change.isPending}
      onLeave={onLeave}
      onConfirm={() =>
        change.mutate({
          send: () => api.DELETE('/api/v1/incidents/{incident_id}/notes/{note_id}', { params }),
          said: 'Removed the note',
        })
      }
    >
      “{note.body.slice(0, 120)}” is gone for everybody who works on #{incident.number}.
    </ConfirmDialog>
  );
}

function NoteVersions({ note, onLeave }: { note: Note; onLeave: () => void }) {
  const { incident } = useHere();
  const versions = useQuery(noteVersionsQuery(incident.id, note.id));
  return (
    <NoticeDialog size="side" title="Versions of this note" onLeave={onLeave}>
      <Reply of={versions}>{(found) => <VersionList versions={found.versions} />}</Reply>
    </NoticeDialog>
  );
}
