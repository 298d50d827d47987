import { useState } from 'react';
import { FormDialog } from '@/domain/dialogs/FormDialog';
import { incidentStatusLabel } from '@/domain/incident';
import { movesFrom, needsReason, type To } from '@/domain/moves';
import { TextArea } from '@/ui/Field';
import { Select } from '@/ui/Select';
import type { AskProps } from './Dialogs';

const ORDER: readonly To[] = ['open', 'investigating', 'contained', 'on_hold', 'resolved'];

/** Where they go next, and why where somebody will ask. Only ways that at least one of them has are offered. */
export function MoveDialog({ rows, what, to: first, onChange, onLeave }: AskProps & { to?: To | undefined }) {
  const ways = ORDER.filter((one) => rows.some((row) => movesFrom(row.status).includes(one)));
  const [to, setTo] = useState<To | undefined>(first ?? ways[0]);
  const [reason, setReason] = useState('');
  const needed = to !== undefined && rows.some((row) => movesFrom(row.status).includes(to) && needsReason(row, to));
  return (
    <FormDialog
      title="Move"
      description={what}
      verb={to ? `Move to ${incidentStatusLabel(to)}` : 'Move'}
      ready={to !== undefined && (!needed || reason.trim() !== '')}
      onSubmit={() => to && onChange({ do: 'move', to, reason: reason.trim() || undefined })}
      onLeave={onLeave}
    >
      <Select
        label="To"
        value={to}
        options={ways.map((one) => [one, incidentStatusLabel(one)])}
        autoFocus={first === undefined}
        onChange={(event) => setTo(event.target.value as To)}
      />
      <TextArea
        label={needed ? 'Why' : 'Why (optional)'}
        rows={3}
        maxLength={2_000}
        value={reason}
        required={needed}
        autoFocus={first !== undefined}
        help={
          to === 'on_hold'
            ? 'Its clocks stand still until it is taken up again.'
            : needed
              ? 'Holding and going back are explained.'
              : undefined
        }
        onChange={(event) => setReason(event.target.value)}
      />
    </FormDialog>
  );
}
