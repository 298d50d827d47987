import { Link } from '@tanstack/react-router';
import type { ReactNode } from 'react';
import { PATHS } from '@/app/paths';
import { SeverityGlyph } from '@/domain/Severity';
import { severityLabel } from '@/domain/severities';
import s from './Lists.module.css';

interface LineProps {
  severity: number;
  title: string;
  to: { alertId: string } | { incidentId: string };
  children?: ReactNode;
}

/** An alert or an incident in one line. */
export function Line({ severity, title, to, children }: LineProps) {
  return (
    <li className={s.line}>
      <SeverityGlyph severity={severity} />
      <span className="u-visually-hidden">{severityLabel(severity)}</span>
      {'alertId' in to ? (
        <Link to={PATHS.alert} params={to} className={s.title} title={title}>
          {title}
        </Link>
      ) : (
        <Link to={PATHS.incident} params={to} className={s.title} title={title}>
          {title}
        </Link>
      )}
      {children}
    </li>
  );
}
