import { AssignDialog } from './AssignDialog';
import type { Linking } from './bulk';
import { CloseDialog, type Closing } from './CloseDialog';
import { IncidentDialog } from './IncidentDialog';
import type { Alert } from './queries';
import { SnoozeDialog } from './SnoozeDialog';
import { StatusDialog, type Step } from './StatusDialog';
import { TagDialog } from './TagDialog';

export type What = 'acknowledge' | 'assign' | 'close' | 'tag' | 'incident' | 'snooze' | 'status';

interface Props {
  asking: What;
  /** What it is done to. */
  what: string;
  /** Where it is one. */
  alert: Alert | undefined;
  organizationId: string;
  onLeave: () => void;
  onAssign: (to: string | null) => void;
  onClose: (done: Closing) => void;
  onTag: (add: string[], remove: string[]) => void;
  onSnooze: (until: string) => void;
  onLink: (to: Linking) => void;
  onStep: (step: Step) => void;
}

/** What an action has to know before it is done. */
export default function Dialogs({ asking, what, alert, organizationId, onLeave, ...on }: Props) {
  const about = { what, organizationId, onLeave };
  switch (asking) {
    case 'assign':
      return <AssignDialog {...about} now={alert?.assignee_id ?? null} onDone={on.onAssign} />;
    case 'close':
      return <CloseDialog {...about} onDone={on.onClose} />;
    case 'tag':
      return <TagDialog {...about} tags={alert?.tags ?? []} onDone={on.onTag} />;
    case 'incident':
      return <IncidentDialog {...about} alert={alert} onDone={on.onLink} />;
    // These two are of one alert alone: the API has no job for them.
    case 'snooze':
      return alert ? <SnoozeDialog {...about} onDone={on.onSnooze} /> : null;
    case 'status':
      return alert ? <StatusDialog alert={alert} onDone={on.onStep} onLeave={onLeave} /> : null;
    default:
      return null;
  }
}
