import { api } from '@/api/client';
import { incidentStatusLabel } from '@/domain/incident';
import { needsReason, type To, whyOpen, whyStill } from '@/domain/moves';
import { at, useChange } from '../change';
import { useHere } from '../here';

/** What is done most with the incident, and why it cannot be done now. */
export function useMoves() {
  const { incident, me, open, mayWrite } = useHere();
  const change = useChange(incident.id);
  const why = whyStill(incident);
  return {
    why,
    whyClose: whyOpen(incident),
    able: mayWrite && why === undefined,
    mine: incident.assignee_id === me,
    take: () =>
      change.mutate({
        send: () =>
          api.POST('/api/v1/incidents/{incident_id}/assign', { params: at(incident), body: { assignee_id: me } }),
        said: `#${incident.number} is yours`,
      }),
    move: (to: To) => {
      if (needsReason(incident, to)) return open({ ask: 'move', to });
      return change.mutate({
        send: () => api.POST('/api/v1/incidents/{incident_id}/transition', { params: at(incident), body: { to } }),
        said: `#${incident.number}: ${incidentStatusLabel(to)}`,
      });
    },
  };
}

export type Moves = ReturnType<typeof useMoves>;
