import { useMutation, useQueryClient } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import { ifMatch } from '@/api/preconditions';
import { asApiError } from '@/api/problem';
import type { components } from '@/api/schema';
import { peopleQuery } from '@/domain/people';
import { severityLabel } from '@/domain/severity';
import type { Verdict } from '@/domain/verdict';
import { complain, say } from '@/ui/toast';
import { type AlertDetail, alertQuery } from '../queries';
import { useShow } from '../triage';
import { differences } from './differences';

type AlertRead = components['schemas']['AlertRead'];

/** What somebody does to the alert. */
export type Move =
  | { do: 'acknowledge' | 'start' | 'reopen' }
  | { do: 'assign'; to: string | null }
  | { do: 'severity'; severity: number | null }
  | { do: 'tags'; add: string[]; remove: string[] }
  | { do: 'close'; verdict: Verdict; reason: string; note: string | null };

/** Does it as long as the alert is as it was seen; otherwise says what somebody else made of it. */
export function useMoves(alert: AlertDetail) {
  const client = useQueryClient();
  const show = useShow();
  const nameOf = (id: string) =>
    client.getQueryData(peopleQuery.queryKey)?.find((one) => one.id === id)?.name ?? 'somebody else';
  function put(after: AlertRead) {
    client.setQueryData(alertQuery(alert.id).queryKey, (before) => before && { ...before, ...after });
    show([alert.id], (row) => ({ ...row, ...after }));
  }
  return useMutation({
    mutationFn: (move: Move) => send(alert, move),
    onSuccess: (after, move) => {
      put(after);
      say({ title: doneWord(move) });
    },
    onError: (error, move) => {
      const { status, message, body } = asApiError(error);
      const current = status === 412 ? (body as { current?: AlertRead } | undefined)?.current : undefined;
      if (!current) return complain({ title: `${undoneWord(move)}: ${alert.title}`, description: message });
      put(current);
      const changed = differences(alert, current, nameOf);
      return complain({
        title: `${undoneWord(move)}: somebody changed it first`,
        description: `${changed.length > 0 ? `Now its ${changed.join(', its ')}` : message}. If it still applies, do it once more.`,
      });
    },
    onSettled: () =>
      Promise.all(
        ['one', 'history', 'notes'].map((part) => client.invalidateQueries({ queryKey: ['alerts', part, alert.id] })),
      ),
  });
}

function send(alert: AlertDetail, move: Move): Promise<AlertRead> {
  const params = { path: { alert_id: alert.id }, header: ifMatch(alert.revision) };
  switch (move.do) {
    case 'acknowledge':
      return read(api.POST('/api/v1/alerts/{alert_id}/acknowledge', { params }));
    case 'start':
      return read(api.POST('/api/v1/alerts/{alert_id}/start', { params }));
    case 'reopen':
      return read(api.POST('/api/v1/alerts/{alert_id}/reopen', { params }));
    case 'assign':
      return read(api.POST('/api/v1/alerts/{alert_id}/assign', { params, body: { assignee_id: move.to } }));
    case 'severity':
      return read(api.POST('/api/v1/alerts/{alert_id}/severity', { params, body: { severity: move.severity } }));
    case 'tags':
      return read(api.POST('/api/v1/alerts/{alert_id}/tags', { params, body: { add: move.add, remove: move.remove } }));
    case 'close': {
      const { verdict, reason, note } = move;
      return read(
        api.POST('/api/v1/alerts/{alert_id}/close', { params, body: { verdict, reason, note: note ?? null } }),
      );
    }
  }
}

const DONE: Record<Move['do'], string> = {
  acknowledge: 'Acknowledged',
  start: 'Work started',
  reopen: 'Reopened',
  assign: 'Assigned',
  severity: 'Severity set',
  tags: 'Tags saved',
  close: 'Closed',
};

function doneWord(move: Move): string {
  if (move.do === 'assign' && move.to === null) return 'Assigned to nobody';
  if (move.do === 'severity')
    return move.severity === null
      ? 'Severity is the sensor’s again'
      : `Severity set to ${severityLabel(move.severity)}`;
  return DONE[move.do];
}

const undoneWord = (move: Move): string => `Not ${DONE[move.do].charAt(0).toLowerCase()}${DONE[move.do].slice(1)}`;
