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
