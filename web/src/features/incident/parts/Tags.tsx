import { Plus, X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { api } from '@/api/client';
import { tagsOf } from '@/lib/tags';
import { Button, IconButton } from '@/ui/Button';
import { TextField } from '@/ui/Field';
import { Popover } from '@/ui/Popover';
import { Tag } from '@/ui/Tag';
import { at, useChange } from '../change';
import { useHere } from '../here';
import s from './Tags.module.css';

/** What it has in common with others; closed ones are still tagged. */
export function Tags() {
  const { incident, takes } = useHere();
  return (
    <span className={s.tags}>
      {incident.tags.map((tag) => (
        <Tag key={tag}>{tag}</Tag>
      ))}
      {takes && (
        <Popover
          title="Tags"
          trigger={
            <IconButton size="sm" label={incident.tags.length > 0 ? 'Edit tags' : 'Add tags'}>
              <Plus size={13} aria-hidden="true" />
            </IconButton>
          }
        >
          {() => <Editor />}
        </Popover>
      )}
    </span>
  );
}

function Editor() {
  const { incident } = useHere();
  const change = useChange(incident.id);
  const [text, setText] = useState('');
  const send = (add: string[], remove: string[]) =>
    change.mutate(
      {
        send: () => api.POST('/api/v1/incidents/{incident_id}/tags', { params: at(incident), body: { add, remove } }),
      },
      // What was typed stays until it is kept.
      { onSuccess: () => add.length > 0 && setText('') },
    );
  function submit(event: FormEvent) {
    event.preventDefault();
    const add = tagsOf(text);
    if (add.length > 0) send(add, []);
  }
  return (
    <form className={s.editor} onSubmit={submit}>
      {incident.tags.map((tag) => (
        <span key={tag} className={s.one}>
          <Tag>{tag}</Tag>
          <IconButton size="sm" label={`Take off ${tag}`} disabled={change.isPending} onClick={() => send([], [tag])}>
            <X size={12} aria-hidden="true" />
          </IconButton>
        </span>
      ))}
      <TextField
        label="Add tags"
        help="Several are parted by commas."
        value={text}
        maxLength={256}
        autoFocus
        onChange={(event) => setText(event.target.value)}
      />
      <Button type="submit" variant="primary" busy={change.isPending} disabled={!text.trim()}>
        Add
      </Button>
    </form>
  );
}
