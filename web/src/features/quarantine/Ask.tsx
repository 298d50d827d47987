import { type FormEvent, useState } from 'react';
import { BY_SHAPE, FORMAT_CHOICES, formatOf } from '@/domain/formats';
import { formatCount } from '@/lib/format';
import { Button } from '@/ui/Button';
import { ConfirmDialog, Dialog, DialogActions } from '@/ui/Dialog';
import { Stack } from '@/ui/Page';
import { Select } from '@/ui/Select';
import type { Running } from './Run';
import { useRequest } from './requests';
import type { Selection, Verb } from './selection';

/** What is about to be asked for, of how many records. */
export interface Asked {
  verb: Verb;
  selection: Selection;
  count: number;
  /** Those of them that are on the screen: what becomes of each is told. */
  shown: readonly string[];
}

interface Props {
  asked: Asked;
  onLeave: () => void;
  onDone: (running: Running) => void;
}

const records = (count: number) => `${formatCount(count)} ${count === 1 ? 'record' : 'records'}`;

/** Asks once more, with the number. */
export function Ask({ asked, onLeave, onDone }: Props) {
  const { verb, selection, count, shown } = asked;
  const [format, setFormat] = useState<string>(BY_SHAPE);
  const requesting = useRequest();
  function go() {
    requesting.mutate(
      { verb, selection, format: formatOf(format) },
      { onSuccess: (requested) => onDone({ verb, requested, shown }), onError: onLeave },
    );
  }
  if (verb === 'discard')
    return (
      <ConfirmDialog
        title={`Discard ${records(count)}`}
        verb={`Discard ${records(count)}`}
        busy={requesting.isPending}
        onConfirm={go}
        onLeave={onLeave}
      >
        They are never stored and cannot be brought back into quarantine. Their bytes stay to be looked at for as long
        as retention says.
      </ConfirmDialog>
    );
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    go();
  }
  return (
    <Dialog
      title={`Re-drive ${records(count)}`}
      description="Each is read anew, as its sensor is set now. What can be read is stored; the rest waits here again, with its reason."
      onLeave={onLeave}
    >
      <form onSubmit={submit}>
        <Stack>
          <Select
            label="Read as"
            options={FORMAT_CHOICES.map(([value, label]) =>
              value === BY_SHAPE ? [value, 'Each as it is set'] : [value, label],
            )}
            value={format}
            onChange={(event) => setFormat(event.target.value)}
          />
          <DialogActions>
            <Button onClick={onLeave}>Cancel</Button>
            <Button type="submit" variant="primary" busy={requesting.isPending}>
              Re-drive {records(count)}
            </Button>
          </DialogActions>
        </Stack>
      </form>
    </Dialog>
  );
}
