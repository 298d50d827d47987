import { useLiveness } from '@/api/live';
import s from './LiveIndicator.module.css';

const SAID = { connecting: 'Connecting', live: 'Live', offline: 'Not live: trying again' };

/** Whether what is shown is told of changes. */
export function LiveIndicator() {
  const liveness = useLiveness();
  return (
    <span className={s.indicator} data-liveness={liveness} role="status">
      {SAID[liveness]}
    </span>
  );
}
