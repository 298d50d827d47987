import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { VERDICTS, type Verdict } from '@/domain/verdict';
import { words } from '@/lib/format';
import { Button } from '@/ui/Button';
import { Dialog } from '@/ui/Dialog';
import { TextArea } from '@/ui/Field';
import { Select } from '@/ui/Select';
import s from './CloseDialog.module.css';
import { type Alert, reasonsQuery } from './queries';

interface Closing {
  verdict: Verdict;
  reason: string;
  note: string | undefined;
}

interface Props {
  alert: Alert;
  onDone: (closing: Closing) => void;
  onLeave: () => void;
}

/** What it turned out to be, and why. */
export function CloseDialog({ alert, onDone, onLeave }: Props) {
  const [verdict, setVerdict] = useState<Verdict>('false_positive');
  const reasons = useQuery(reasonsQuery(alert.organization_id));
  const offered = (reasons.data ?? []).filter((one) => one.verdict === verdict && one.retired_at === null);
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    onDone({ verdict, reason: String(given.get('reason')), note: String(given.get('note')).trim() || undefined });
  }
  return (
    <Dialog title="Close alert" description={alert.title} onLeave={onLeave}>
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
          options={offered.map((one) => [one.name, words(one.name)])}
        />
        <TextArea label="Note" name="note" rows={3} maxLength={20_000} />
        <div className={s.actions}>
          <Button onClick={onLeave}>Cancel</Button>
          <Button type="submit" variant="primary" disabled={offered.length === 0}>
            Close alert
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
