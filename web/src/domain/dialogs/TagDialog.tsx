import { useState } from 'react';
import { tagsOf } from '@/lib/tags';
import { Choices } from '@/ui/Choices';
import { TextField } from '@/ui/Field';
import { FormDialog } from './FormDialog';

interface Props {
  /** What is tagged: its title, or how many. */
  what: string;
  /** Tags that are there: they can be taken off. */
  tags: readonly string[];
  busy?: boolean;
  onDone: (add: string[], remove: string[]) => void;
  onLeave: () => void;
}

/** Tags to put on and to take off. */
export function TagDialog({ what, tags, busy = false, onDone, onLeave }: Props) {
  const [text, setText] = useState('');
  const [remove, setRemove] = useState<string[]>([]);
  const add = tagsOf(text);
  return (
    <FormDialog
      title="Tag"
      description={what}
      verb="Tag"
      busy={busy}
      ready={add.length + remove.length > 0}
      onSubmit={() => onDone(add, remove)}
      onLeave={onLeave}
    >
      <TextField
        label="Add"
        value={text}
        help="Several are parted by commas."
        autoFocus
        onChange={(event) => setText(event.target.value)}
      />
      {tags.length > 0 && (
        <Choices
          label="Take off"
          options={tags.map((value) => ({ value, label: value }))}
          value={remove}
          onChange={setRemove}
          dense
        />
      )}
    </FormDialog>
  );
}
