import { useLiveness } from '@/api/live';
import s from './LiveIndicator.module.css';

const SAID = { connecting: 'Connecting', live: 'Live', offline: 'Not live: trying again' };

interface Props {
  /** How long after it happened the latest change was shown, in milliseconds. */
  lag?: number | undefined;
  /** Why counts stand still. */
  paused?: string | undefined;
}

/** Whether what is shown is told of changes, how far behind it is, and why it stands still where it does. */
export function LiveIndicator({ lag, paused }: Props) {
  const liveness = useLiveness();
  const behind = lag === undefined ? '' : `, ${Math.max(1, Math.round(lag / 1000))} s behind`;
  const live = liveness === 'live';
  return (
    <span className={s.indicator} data-liveness={live && paused ? 'paused' : liveness} role="status">
      {live && paused ? `Paused: ${paused}` : SAID[liveness]}
      {/* It is read out when it becomes live, not each time it is a little later. */}
      {live && !paused && <span aria-hidden="true">{behind}</span>}
    </span>
  );
}
