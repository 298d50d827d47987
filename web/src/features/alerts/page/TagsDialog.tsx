import { X } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { Button, IconButton } from '@/ui/Button';
import { Dialog, DialogActions } from '@/ui/Dialog';
import { TextField } from '@/ui/Field';
import { Row, Stack } from '@/ui/Page';
import { Tag } from '@/ui/Tag';
import type { AlertDetail } from '../queries';
import { tagsIn } from './tagsIn';

interface Props {
  alert: AlertDetail;
  busy: boolean;
  onSave: (add: string[], remove: string[]) => void;
  onLeave: () => void;
}

/** Words that alerts have in common, to be added and taken off. */
export function TagsDialog({ alert, busy, onSave, onLeave }: Props) {
  const [typed, setTyped] = useState('');
  const [removed, setRemoved] = useState<readonly string[]>([]);
  const kept = alert.tags.filter((tag) => !removed.includes(tag));
  const added = tagsIn(typed, kept);
  function submit(event: FormEvent) {
    event.preventDefault();
    onSave(added, [...removed]);
  }
  return (
    <Dialog title="Edit tags" description={alert.title} onLeave={onLeave}>
      <form onSubmit={submit}>
        <Stack>
          {kept.length > 0 && (
            <Row>
              {kept.map((tag) => (
                <Row key={tag}>
                  <Tag>{tag}</Tag>
                  <IconButton size="sm" label={`Take off ${tag}`} onClick={() => setRemoved([...removed, tag])}>
                    <X size={12} aria-hidden="true" />
                  </IconButton>
                </Row>
              ))}
            </Row>
          )}
          <TextField
            label="Add tags"
            value={typed}
            autoFocus
            help="Several with commas between them."
            onChange={(event) => setTyped(event.target.value)}
          />
          <DialogActions>
            <Button onClick={onLeave}>Cancel</Button>
            <Button type="submit" variant="primary" busy={busy} disabled={added.length === 0 && removed.length === 0}>
              Save tags
            </Button>
          </DialogActions>
        </Stack>
      </form>
    </Dialog>
  );
}
