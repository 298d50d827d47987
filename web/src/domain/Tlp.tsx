import type { components } from '@/api/schema';
import s from './Tlp.module.css';

type Level = components['schemas']['Tlp'];

/** With whom it may be shared, in the words and colours of the Traffic Light Protocol 2.0. */
export function Tlp({ level }: { level: Level }) {
  return (
    <span className={s.tlp} data-level={level}>
      TLP:{level.toUpperCase()}
    </span>
  );
}
