import s from './Severity.module.css';
import { type SeverityName, severityLabel, severityName } from './severities';

const BARS: Record<SeverityName, number> = { critical: 3, high: 3, medium: 2, low: 1, info: 0 };

/** The rank by shape alone: a diamond, three bars, two, one, dashes. Colour says it again. */
export function SeverityGlyph({ severity }: { severity: number }) {
  const name = severityName(severity);
  return (
    <svg className={s.glyph} data-severity={name} width="13" height="13" viewBox="0 0 14 14" aria-hidden="true">
      {name === 'critical' && (
        <>
          <path d="M7 .6 13.4 7 7 13.4.6 7Z" />
          <path className={s.mark} d="M7 4v3.400M7 9.500v.4" />
        </>
      )}
      {name === 'info' &&
        [0, 1, 2].map((bar) => <rect key={bar} x={1 + bar * 4.4} y="6" width="3.2" height="2" rx="1" />)}
      {name !== 'critical' &&
        name !== 'info' &&
        [0, 1, 2].map((bar) => (
          <rect
            key={bar}
            className={bar < BARS[name] ? undefined : s.empty}
            x={1 + bar * 4.4}
            y={9 - bar * 3.6}
            width="3.2"
            height={4 + bar * 3.6}
            rx="1"
          />
        ))}
    </svg>
  );
}

/** With its word. Only what is critical is filled, so that the eye finds it. */
export function SeverityBadge({ severity }: { severity: number }) {
  return (
    <span className={s.badge} data-severity={severityName(severity)}>
      <SeverityGlyph severity={severity} />
      {severityLabel(severity)}
    </span>
  );
}
