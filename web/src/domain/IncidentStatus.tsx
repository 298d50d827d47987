import s from './IncidentStatus.module.css';
import { type IncidentStatus, incidentStatusLabel } from './incident';

/** How far an incident is, by shape: a ring that fills up, two bars on hold, a tick at the end, an arrow elsewhere. */
export function IncidentStatusIcon({ status }: { status: IncidentStatus }) {
  return (
    <svg className={s.icon} data-status={status} width="13" height="13" viewBox="0 0 14 14" aria-hidden="true">
      <circle className={s.ring} cx="7" cy="7" r="5.600" />
      {status === 'investigating' && <path className={s.fill} d="M7 7V3.800A3.200 3.200 0 0 1 10.200 7Z" />}
      {status === 'contained' && <path className={s.fill} d="M7 3.800A3.200 3.200 0 1 1 3.800 7H7Z" />}
      {status === 'on_hold' && <path className={s.line} d="M5.500 4.800v4.400M8.500 4.800v4.400" />}
      {(status === 'resolved' || status === 'closed') && (
        <path className={s.line} d="m4.500 7.200 1.800 1.800 3.300-3.600" />
      )}
      {status === 'merged' && <path className={s.line} d="M4.500 7h5M7.400 4.900 9.500 7 7.400 9.100" />}
    </svg>
  );
}

/** The same with its word. */
export function IncidentStatusText({ status }: { status: IncidentStatus }) {
  return (
    <span className={s.text}>
      <IncidentStatusIcon status={status} />
      {incidentStatusLabel(status)}
    </span>
  );
}
