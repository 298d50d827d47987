import { Link } from '@tanstack/react-router';
import { ChevronLeft, ChevronRight } from 'lucide-react';
import type { AlertDetail } from '../queries';
import s from './Folds.module.css';

/** To the alert of the same kind before this one, and after it. */
export function Folds({ alert }: { alert: AlertDetail }) {
  const { previous_alert_id: previous, next_alert_ids: next } = alert;
  const following = next[0];
  if (!previous && !following) return null;
  return (
    <nav className={s.folds} aria-label="Alerts of the same kind">
      {previous && (
        <Link to="/alerts/$alertId" params={{ alertId: previous }} className={s.fold} title="The one before ([)">
          <ChevronLeft size={14} aria-hidden="true" />
          Previous of its kind
        </Link>
      )}
      {following && (
        <Link to="/alerts/$alertId" params={{ alertId: following }} className={s.fold} title="The one after (])">
          Next of its kind
          <ChevronRight size={14} aria-hidden="true" />
        </Link>
      )}
    </nav>
  );
}
