import { CloseDialog } from '../CloseDialog';
import type { AlertDetail } from '../queries';
import { AssignDialog } from './AssignDialog';
import { IncidentDialog, UnlinkDialog } from './IncidentDialog';
import type { Move, useMoves } from './moves';
import type { Doing } from './offers';
import { SeverityDialog } from './SeverityDialog';
import { SnoozeDialog } from './SnoozeDialog';
import { SuppressDialog } from './SuppressDialog';
import { TagsDialog } from './TagsDialog';

interface Props {
  asked: Doing;
  alert: AlertDetail;
  moves: ReturnType<typeof useMoves>;
  onLeave: () => void;
}

/** The dialog of what was asked for. It stays until that is done, so that nothing typed is lost to a refusal. */
export function Dialogs({ asked, alert, moves, onLeave }: Props) {
  const move = (wanted: Move) => moves.mutate(wanted, { onSuccess: onLeave });
  const common = { alert, busy: moves.isPending, onLeave };
  switch (asked) {
    case 'assign':
      return <AssignDialog {...common} onAssign={(to) => move({ do: 'assign', to })} />;
    case 'severity':
      return <SeverityDialog {...common} onSet={(severity) => move({ do: 'severity', severity })} />;
    case 'tags':
      return <TagsDialog {...common} onSave={(add, remove) => move({ do: 'tags', add, remove })} />;
    case 'close':
      return (
        <CloseDialog
          what={alert.title}
          organizationId={alert.organization_id}
          onDone={(done) => move({ do: 'close', ...done })}
          onLeave={onLeave}
        />
      );
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
