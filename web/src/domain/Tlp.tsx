import s from './Tlp.module.css';
import { type TlpLevel, tlpLabel } from './tlps';

/** With whom it may be shared, in the words and colours of the Traffic Light Protocol 2.0. */
export function Tlp({ level }: { level: TlpLevel }) {
  return (
    <span className={s.tlp} data-level={level}>
      {tlpLabel(level)}
    </span>
  );
}
