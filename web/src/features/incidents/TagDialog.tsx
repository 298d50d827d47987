import { type FormEvent, useState } from 'react';
import { Button } from '@/ui/Button';
import { Choices } from '@/ui/Choices';
import { Dialog, DialogActions } from '@/ui/Dialog';
import { TextField } from '@/ui/Field';
import type { AskProps } from './Dialogs';
import s from './dialogs.module.css';
import { tagsOf } from './tags';

/** Tags to put on and to take off. */
export function TagDialog({ rows, what, onChange, onLeave }: AskProps) {
  const [text, setText] = useState('');
  const [remove, setRemove] = useState<string[]>([]);
  const there = [...new Set(rows.flatMap((row) => row.tags))].sort();
  const add = tagsOf(text);
  function submit(event: FormEvent) {
    event.preventDefault();
    onChange({ do: 'tag', add, remove });
  }
  return (
    <Dialog title="Tag" description={what} onLeave={onLeave}>
      <form className={s.form} onSubmit={submit}>
        <TextField
          label="Add"
          value={text}
          help="Several with commas or blanks between them."
          autoFocus
          onChange={(event) => setText(event.target.value)}
        />
        {there.length > 0 && (
          <Choices
            label="Take off"
            options={there.map((value) => ({ value, label: value }))}
            value={remove}
            onChange={setRemove}
            dense
          />
        )}
        <DialogActions>
          <Button onClick={onLeave}>Cancel</Button>
          <Button type="submit" variant="primary" disabled={add.length + remove.length === 0}>
            Tag
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
