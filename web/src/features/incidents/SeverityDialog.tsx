import { useState } from 'react';
import { FormDialog } from '@/domain/dialogs/FormDialog';
import { SEVERITY_CHOICES } from '@/domain/severities';
import { Select } from '@/ui/Select';
import type { AskProps } from './Dialogs';

/** How bad they are, judged anew. */
export function SeverityDialog({ rows, what, onChange, onLeave }: AskProps) {
  const [severity, setSeverity] = useState(rows[0]?.severity ?? 3);
  return (
    <FormDialog
      title="Set severity"
      description={what}
      verb="Set severity"
      ready={rows.length > 1 || severity !== rows[0]?.severity}
      onSubmit={() => onChange({ do: 'severity', severity })}
      onLeave={onLeave}
    >
      <Select
        label="Severity"
        help="Its clocks are reckoned anew. A second person who had to agree to closing it still has to."
        value={String(severity)}
        options={SEVERITY_CHOICES}
        autoFocus
        onChange={(event) => setSeverity(Number(event.target.value))}
      />
    </FormDialog>
  );
}
