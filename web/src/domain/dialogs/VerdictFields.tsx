import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { ErrorState } from '@/domain/ErrorState';
import { VERDICTS, type Verdict } from '@/domain/verdict';
import { words } from '@/lib/format';
import { Select } from '@/ui/Select';
import { given } from './FormDialog';
import { closeReasonsQuery } from './queries';

interface Props {
  organizationId: string;
  /** The likeliest one; without it somebody has to choose, so that no key too many closes an attack as nothing. */
  first?: Verdict;
}

/** What it turned out to be, and by which of the organization's reasons: `verdictOf` reads them from the form. */
export function VerdictFields({ organizationId, first }: Props) {
  const [verdict, setVerdict] = useState<Verdict | ''>(first ?? '');
  const reasons = useQuery(closeReasonsQuery(organizationId));
  if (reasons.isError && !reasons.data)
    return <ErrorState error={reasons.error} onRetry={() => void reasons.refetch()} />;
  const offered = (reasons.data ?? []).filter((one) => one.verdict === verdict && one.retired_at === null);
  return (
    <>
      <Select
        label="Verdict"
        name="verdict"
        value={verdict}
        options={first ? VERDICTS : [['', 'Choose…'], ...VERDICTS]}
        required
        autoFocus
        onChange={(event) => setVerdict(event.target.value as Verdict | '')}
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

/** What the fields were given. */
export const verdictOf = (form: FormData): { verdict: Verdict; reason: string } => ({
  verdict: given(form, 'verdict') as Verdict,
  reason: given(form, 'reason'),
});
