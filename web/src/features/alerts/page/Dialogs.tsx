import { AssignDialog } from '../AssignDialog';
import { CloseDialog } from '../CloseDialog';
import type { AlertDetail } from '../queries';
import { TagDialog } from '../TagDialog';
import { IncidentDialog, UnlinkDialog } from './IncidentDialog';
import type { Move, useMoves } from './moves';
import type { Doing } from './offers';
import { SeverityDialog } from './SeverityDialog';
import { SnoozeDialog } from './SnoozeDialog';
import { SuppressDialog } from './SuppressDialog';

interface Props {
  asked: Doing;
  alert: AlertDetail;
  moves: ReturnType<typeof useMoves>;
  onLeave: () => void;
}

/** The dialog of what was asked for. It stays until that is done, so that nothing typed is lost to a refusal. */
export function Dialogs({ asked, alert, moves, onLeave }: Props) {
  const move = (wanted: Move) => moves.mutate(wanted, { onSuccess: onLeave });
  const about = { what: alert.title, organizationId: alert.organization_id, onLeave };
  switch (asked) {
    case 'assign':
      return <AssignDialog {...about} now={alert.assignee_id} onDone={(to) => move({ do: 'assign', to })} />;
    case 'severity':
      return (
        <SeverityDialog
          alert={alert}
          busy={moves.isPending}
          onLeave={onLeave}
          onSet={(severity) => move({ do: 'severity', severity })}
        />
      );
    case 'tags':
      return <TagDialog {...about} tags={alert.tags} onDone={(add, remove) => move({ do: 'tags', add, remove })} />;
    case 'close':
      return <CloseDialog {...about} onDone={(done) => move({ do: 'close', ...done })} />;
    case 'snooze':
      return <SnoozeDialog alert={alert} onLeave={onLeave} />;
    case 'incident':
      return alert.incident_id ? (
        <UnlinkDialog alert={alert} onLeave={onLeave} />
      ) : (
        <IncidentDialog alert={alert} onLeave={onLeave} />
      );
    case 'suppress':
      return <SuppressDialog alert={alert} onLeave={onLeave} />;
    default:
      return null;
  }
}
