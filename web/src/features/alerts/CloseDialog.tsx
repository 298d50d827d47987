import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { VERDICTS, type Verdict } from '@/domain/verdict';
import { words } from '@/lib/format';
import { Button } from '@/ui/Button';
import { Dialog, DialogActions } from '@/ui/Dialog';
import { TextArea } from '@/ui/Field';
import { Select } from '@/ui/Select';
import s from './dialogs.module.css';
import { reasonsQuery } from './queries';

export interface Closing {
  verdict: Verdict;
  reason: string;
  note: string | null;
}

interface Props {
  /** What it is done to: an alert's title, or how many. */
  what: string;
  organizationId: string;
  onDone: (closing: Closing) => void;
  onLeave: () => void;
}

/** What it turned out to be, and why. */
export function CloseDialog({ what, organizationId, onDone, onLeave }: Props) {
  const [verdict, setVerdict] = useState<Verdict>('false_positive');
  const reasons = useQuery(reasonsQuery(organizationId));
  const offered = (reasons.data ?? []).filter((one) => one.verdict === verdict && one.retired_at === null);
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    onDone({ verdict, reason: String(given.get('reason')), note: String(given.get('note')).trim() || null });
  }
  return (
    <Dialog title="Close" description={what} onLeave={onLeave}>
      <form className={s.form} onSubmit={submit}>
        <Select
          label="Verdict"
          value={verdict}
          options={VERDICTS}
          onChange={(event) => setVerdict(event.target.value as Verdict)}
          autoFocus
        />
        <Select
          key={verdict}
          label="Reason"
          name="reason"
          required
          error={reasons.isError ? 'The reasons could not be loaded.' : undefined}
          options={offered.map((one) => [one.name, words(one.name)])}
        />
        <TextArea label="Note" name="note" rows={3} maxLength={20_000} />
        <DialogActions>
          <Button onClick={onLeave}>Cancel</Button>
          <Button type="submit" variant="primary" disabled={offered.length === 0}>
            Close
          </Button>
        </DialogActions>
      </form>
    </Dialog>
  );
}
