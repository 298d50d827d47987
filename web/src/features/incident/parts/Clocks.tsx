import { CircleCheck, CirclePause, Clock3, TriangleAlert } from 'lucide-react';
import { Age, Moment } from '@/domain/Time';
import { formatSpan, words } from '@/lib/format';
import { Progress } from '@/ui/Progress';
import type { Clock } from '../queries';
import s from './Clocks.module.css';

const ICONS = {
  running: Clock3,
  warned: TriangleAlert,
  breached: TriangleAlert,
  paused: CirclePause,
  met: CircleCheck,
};

/** By when the incident has to be looked at, contained and resolved, and how that stands. */
export function Clocks({ clocks }: { clocks: readonly Clock[] }) {
  if (clocks.length === 0) return null;
  return (
    <ul className={s.clocks} aria-label="Targets">
      {clocks.map((clock) => (
        <One key={clock.clock} clock={clock} />
      ))}
    </ul>
  );
}

function One({ clock }: { clock: Clock }) {
  const Icon = ICONS[clock.state];
  return (
    <li className={s.clock} data-state={clock.state} data-late={clock.breached_at ? '' : undefined}>
      <Icon size={14} className={s.icon} aria-hidden="true" />
      <span className={s.name}>{words(clock.clock)}</span>
      <span className={s.said}>
        <Said clock={clock} />
      </span>
      <span className={s.target}>
        {span(clock.elapsed_seconds)} of {span(clock.target_seconds)}
      </span>
      <Progress
        label={`${words(clock.clock)}: time used`}
        value={Math.max(0, clock.elapsed_seconds)}
        max={clock.target_seconds}
      />
    </li>
  );
}

const span = (seconds: number) => formatSpan(seconds * 1_000);

function Said({ clock: { state, due_at, met_at, breached_at, remaining_seconds, elapsed_seconds } }: { clock: Clock }) {
  if (state === 'met')
    return (
      <span title={met_at ?? undefined}>
        {breached_at ? `${span(-remaining_seconds)} late` : `met in ${span(elapsed_seconds)}`}
      </span>
    );
  if (state === 'paused')
    return remaining_seconds < 0
      ? `paused, ${span(-remaining_seconds)} over`
      : `paused, ${span(remaining_seconds)} left`;
  if (state === 'breached') return `breached, ${span(-remaining_seconds)} over`;
  if (!due_at) return `${span(remaining_seconds)} left`;
  return (
    <>
      due <Age at={due_at} />{' '}
      <span className="u-visually-hidden">
        (<Moment at={due_at} />)
      </span>
    </>
  );
}
