import s from './Status.module.css';
import { type AlertStatus, statusLabel } from './statuses';

/** How far an alert is, by shape: a dashed ring, a quarter, three quarters, a tick, a bar. */
export function StatusIcon({ status }: { status: AlertStatus }) {
  return (
    <svg className={s.icon} data-status={status} width="13" height="13" viewBox="0 0 14 14" aria-hidden="true">
      <circle className={s.ring} cx="7" cy="7" r="5.600" />
      {status === 'acknowledged' && <path className={s.fill} d="M7 7V3.800A3.200 3.200 0 0 1 10.200 7Z" />}
      {status === 'in_progress' && <path className={s.fill} d="M7 3.800A3.200 3.200 0 1 1 3.800 7H7Z" />}
      {status === 'closed' && <path className={s.tick} d="m4.500 7.200 1.800 1.800 3.300-3.600" />}
      {status === 'suppressed' && <path className={s.bar} d="M4.500 7h5" />}
    </svg>
  );
}

/** The same with its word. */
export function StatusText({ status }: { status: AlertStatus }) {
  return (
    <span className={s.text}>
      <StatusIcon status={status} />
      {statusLabel(status)}
    </span>
  );
}

/** The shape alone, where there is no room for the word: that is read out, and shown under the pointer. */
export function StatusSign({ status }: { status: AlertStatus }) {
  return (
    <span title={statusLabel(status)}>
      <StatusIcon status={status} />
      <span className="u-visually-hidden">{statusLabel(status)}</span>
    </span>
  );
}
