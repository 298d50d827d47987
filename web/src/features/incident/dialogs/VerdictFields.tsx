import { useQuery } from '@tanstack/react-query';
import { ErrorState } from '@/domain/ErrorState';
import { VERDICTS, type Verdict } from '@/domain/verdict';
import { words } from '@/lib/format';
import { Select } from '@/ui/Select';
import { closeReasonsQuery } from '../lookups';

interface Props {
  organizationId: string;
  verdict: Verdict;
  onVerdict: (verdict: Verdict) => void;
}

/** What it turned out to be, and by which of the organization's reasons; the form has `reason`. */
export function VerdictFields({ organizationId, verdict, onVerdict }: Props) {
  const reasons = useQuery(closeReasonsQuery(organizationId));
  if (reasons.isError && !reasons.data)
    return <ErrorState error={reasons.error} onRetry={() => void reasons.refetch()} />;
  const offered = (reasons.data ?? []).filter((one) => one.verdict === verdict && one.retired_at === null);
  return (
    <>
      <Select
        label="Verdict"
        value={verdict}
        options={VERDICTS}
        autoFocus
        onChange={(event) => onVerdict(event.target.value as Verdict)}
      />
      <Select
        key={verdict}
        label="Reason"
        name="reason"
        required
        options={offered.map((one) => [one.name, words(one.name)])}
      />
    </>
  );
}
