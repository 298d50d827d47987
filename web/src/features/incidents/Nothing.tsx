import { ErrorState } from '@/domain/ErrorState';
import { wrongOf } from '@/domain/query/Wrong';
import { Button } from '@/ui/Button';
import { State } from '@/ui/State';

interface Props {
  /** Nothing was asked for but what is shown anyway. */
  plain: boolean;
  onClear: () => void;
  onAll: () => void;
}

/** Why there is none, and the way out. */
export function Nothing({ plain, onClear, onAll }: Props) {
  if (plain)
    return (
      <State title="No incident is unfinished" action={<Button onClick={onAll}>Show what is over too</Button>}>
        Incidents are opened of alerts in the queue, or here from nothing.
      </State>
    );
  return (
    <State title="Nothing matches" action={<Button onClick={onClear}>Clear all filters</Button>}>
      No incident that you may see is found by this.
    </State>
  );
}

/** Why the list is not there. What is wrong with a query is said where it is written. */
export function Failed({ error, onRetry }: { error: unknown; onRetry: () => void }) {
  if (!wrongOf(error)) return <ErrorState error={error} onRetry={onRetry} />;
  return <State title="The query cannot be read">What is wrong with it is marked above.</State>;
}
