import { AssignDialog } from '@/domain/dialogs/AssignDialog';
import { TagDialog } from '@/domain/dialogs/TagDialog';
import type { AnyAlert } from '../queries';
import type { Step, Triage } from '../triage';
import { CloseDialog } from './CloseDialog';
import { IncidentDialog, type Into } from './IncidentDialog';
import { SnoozeDialog } from './SnoozeDialog';
import { StatusDialog } from './StatusDialog';

export type Asked = 'assign' | 'close' | 'tag' | 'incident' | 'snooze' | 'status';

interface Props {
  asked: Asked;
  /** What it is done to. */
  what: string;
  organizationId: string;
  /** Where it is one. */
  alert: AnyAlert | undefined;
  busy?: boolean;
  /** Why linking was refused. */
  error?: unknown;
  onDone: (done: Triage) => void;
  onLink: (into: Into) => void;
  /** Without it, `status` is not asked. */
  onStep?: (step: Step) => void;
  onLeave: () => void;
}

/** What a step of triage has to know before it is done, to one alert or to many. */
export function Dialogs({ asked, what, organizationId, alert, busy = false, error, onDone, onLink, ...on }: Props) {
  const about = { what, organizationId, busy, onLeave: on.onLeave };
  switch (asked) {
    case 'assign':
      return <AssignDialog {...about} now={alert?.assignee_id ?? null} onDone={(to) => onDone({ do: 'assign', to })} />;
    case 'close':
      return <CloseDialog {...about} onDone={(closing) => onDone({ do: 'close', ...closing })} />;
    case 'tag':
      return (
        <TagDialog {...about} tags={alert?.tags ?? []} onDone={(add, remove) => onDone({ do: 'tag', add, remove })} />
      );
    case 'incident':
      return <IncidentDialog {...about} alert={alert} error={error} onDone={onLink} />;
    // These two are of one alert alone: the API has no job for them.
    case 'snooze':
      return alert ? <SnoozeDialog alert={alert} busy={busy} onDone={onDone} onLeave={on.onLeave} /> : null;
    case 'status':
      return alert && on.onStep ? <StatusDialog alert={alert} onDone={on.onStep} onLeave={on.onLeave} /> : null;
  }
}
