import { useState } from 'react';
import { FormDialog } from '@/domain/dialogs/FormDialog';
import { BY_SHAPE, FORMAT_CHOICES, formatOf } from '@/domain/formats';
import { formatCount } from '@/lib/format';
import { ConfirmDialog } from '@/ui/Dialog';
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
  return (
    <FormDialog
      title={`Re-drive ${records(count)}`}
      description="Each is read anew, as its sensor is set now. What can be read is stored; the rest waits here again, with its reason."
      verb={`Re-drive ${records(count)}`}
      busy={requesting.isPending}
      onSubmit={go}
      onLeave={onLeave}
    >
      <Select
        label="Read as"
        options={FORMAT_CHOICES.map(([value, label]) =>
          value === BY_SHAPE ? [value, 'Each as it is set'] : [value, label],
        )}
        value={format}
        onChange={(event) => setFormat(event.target.value)}
      />
    </FormDialog>
  );
}
