import { type FormEvent, useState } from 'react';
import { severityLabel } from '@/domain/severity';
import { Button } from '@/ui/Button';
import { Dialog, DialogActions } from '@/ui/Dialog';
import { Select } from '@/ui/Select';
import type { AskProps } from './Dialogs';
import s from './dialogs.module.css';

/** From the worst down, as a Select has them. */
export const SEVERITIES = [5, 4, 3, 2, 1].map((one) => [String(one), severityLabel(one)] as const);

/** How bad they are, judged anew. */
export function SeverityDialog({ rows, what, onChange, onLeave }: AskProps) {
  const [severity, setSeverity] = useState(rows[0]?.severity ?? 3);
  function submit(event: FormEvent) {
    event.preventDefault();
    onChange({ do: 'severity', severity });
  }
  return (
    <Dialog title="Set severity" description={what} onLeave={onLeave}>
      <form className={s.form} onSubmit={submit}>
        <Select
          label="Severity"
          help="Its clocks are reckoned anew. A second person who had to agree to closing it still has to."
          value={String(severity)}
          options={SEVERITIES}
          autoFocus
          onChange={(event) => setSeverity(Number(event.target.value))}
        />
        <DialogActions>
          <Button onClick={onLeave}>Cancel</Button>
          <Button type="submit" variant="primary" disabled={rows.length === 1 && severity === rows[0]?.severity}>
            Set severity
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
