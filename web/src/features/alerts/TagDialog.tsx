import { type FormEvent, useState } from 'react';
import { Button } from '@/ui/Button';
import { Checkbox } from '@/ui/Checkbox';
import { Dialog, DialogActions } from '@/ui/Dialog';
import { TextField } from '@/ui/Field';
import s from './dialogs.module.css';

interface Props {
  what: string;
  /** Tags that are there: they can be taken off. */
  tags: readonly string[];
  onDone: (add: string[], remove: string[]) => void;
  onLeave: () => void;
}

/** Tags to put on and to take off. */
export function TagDialog({ what, tags, onDone, onLeave }: Props) {
  const [text, setText] = useState('');
  const [off, setOff] = useState<ReadonlySet<string>>(new Set());
  const add = text.split(/[\s,]+/).filter(Boolean);
  function turn(tag: string) {
    const after = new Set(off);
    if (!after.delete(tag)) after.add(tag);
    setOff(after);
  }
  function submit(event: FormEvent) {
    event.preventDefault();
    onDone(add, [...off]);
  }
  return (
    <Dialog title="Tag" description={what} onLeave={onLeave}>
      <form className={s.form} onSubmit={submit}>
        <TextField
          label="Add"
          value={text}
          help="Several with spaces or commas between them."
          autoFocus
          onChange={(event) => setText(event.target.value)}
        />
        {tags.length > 0 && (
          <fieldset>
            <legend className="u-subtle">Take off</legend>
            {tags.map((tag) => (
              <label key={tag} className={s.choice}>
                <Checkbox checked={off.has(tag)} onChange={() => turn(tag)} />
                {tag}
              </label>
            ))}
          </fieldset>
        )}
        <DialogActions>
          <Button onClick={onLeave}>Cancel</Button>
          <Button type="submit" variant="primary" disabled={add.length === 0 && off.size === 0}>
            Tag
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
