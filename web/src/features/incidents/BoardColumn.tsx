import { type DragEvent, type ReactNode, useState } from 'react';
import { asApiError } from '@/api/problem';
import { IncidentStatusIcon } from '@/domain/IncidentStatus';
import { incidentStatusLabel } from '@/domain/incident';
import { formatTotal } from '@/lib/format';
import { Button } from '@/ui/Button';
import s from './Board.module.css';
import type { BoardPart } from './queries';

interface Props {
  part: BoardPart;
  /** Whether the card that is dragged may be dropped here; undefined while none is. */
  drop: boolean | undefined;
  onDrop: () => void;
  more: { load: () => void; busy: boolean } | undefined;
  onRetry: () => void;
  children: ReactNode;
}

/** The incidents of one status, with how many there are of them. */
export function BoardColumn({ part, drop, onDrop, more, onRetry, children }: Props) {
  const [over, setOver] = useState(false);
  const label = incidentStatusLabel(part.status);
  const count = formatTotal(part.total);
  function allow(event: DragEvent) {
    if (!drop) return;
    event.preventDefault();
    setOver(true);
  }
  return (
    <section
      className={s.column}
      aria-label={`${label}: ${part.error ? 'not loaded' : count}`}
      data-column={part.status}
      data-drop={drop === undefined ? undefined : drop ? 'yes' : 'no'}
      data-over={over && drop ? '' : undefined}
      onDragOver={allow}
      onDragLeave={() => setOver(false)}
      onDrop={(event) => {
        event.preventDefault();
        setOver(false);
        if (drop) onDrop();
      }}
    >
      <h2 className={s.head}>
        <IncidentStatusIcon status={part.status} />
        {label}
        <span className={s.count}>{part.error ? '' : count}</span>
      </h2>
      <ul className={s.cards}>
        {children}
        {part.error !== undefined && (
          <li className={s.none} role="alert">
            {asApiError(part.error).message}
            <br />
            <Button size="sm" onClick={onRetry}>
              Try again
            </Button>
          </li>
        )}
        {part.items.length === 0 && !part.error && <li className={s.none}>None</li>}
        {more && (
          <li className={s.none}>
            <Button size="sm" busy={more.busy} onClick={more.load}>
              Show more
            </Button>
          </li>
        )}
      </ul>
    </section>
  );
}
