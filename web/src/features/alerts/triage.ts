import { type InfiniteData, type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { api, read } from '@/api/client';
import { ifMatch } from '@/api/preconditions';
import { asApiError } from '@/api/problem';
import type { components } from '@/api/schema';
import { statusLabel } from '@/domain/status';
import { complain, say } from '@/ui/toast';
import type { Alert } from './queries';

type AlertPage = components['schemas']['AlertPage'];
type AlertRead = components['schemas']['AlertRead'];
type Verdict = components['schemas']['Verdict'];

export type Triage =
  | { do: 'acknowledge' }
  | { do: 'assign'; to: string | null }
  | { do: 'close'; verdict: Verdict; reason: string; note: string | undefined };

export interface Wanted {
  alert: Alert;
  triage: Triage;
}

/** One step of triage. It is shown at once, and taken back where it was refused. */
export function useTriage(me: string) {
  const client = useQueryClient();
  return useMutation({
    mutationKey: ['alerts', 'triage'],
    mutationFn: ({ alert, triage }: Wanted) => send(alert, triage),
    onMutate: ({ alert, triage }) => show(client, alert.id, (row) => ({ ...row, ...expected(triage, me) })),
    onSuccess: (after, { alert, triage }) => {
      show(client, alert.id, (row) => ({ ...row, ...after }));
      say({ title: `${DONE[triage.do]}: ${alert.title}` });
    },
    onError: (error, { alert, triage }) => {
      show(client, alert.id, () => alert);
      const { status, message, body } = asApiError(error);
      if (status !== 412)
        return complain({ title: `Not ${DONE[triage.do].toLowerCase()}: ${alert.title}`, description: message });
      // Somebody was faster: what they made of it is in the reply.
      const current = (body as { current?: AlertRead } | undefined)?.current;
      if (current) show(client, alert.id, (row) => ({ ...row, ...current }));
      return complain({
        title: `Somebody changed it first: ${alert.title}`,
        description: current ? `It is ${statusLabel(current.status).toLowerCase()} now.` : message,
      });
    },
    onSettled: (_, __, { alert }) => client.invalidateQueries({ queryKey: ['alerts', 'one', alert.id] }),
  });
}

const DONE: Record<Triage['do'], string> = { acknowledge: 'Acknowledged', assign: 'Assigned', close: 'Closed' };

function send(alert: Alert, triage: Triage): Promise<AlertRead> {
  const params = { path: { alert_id: alert.id }, header: ifMatch(alert.revision) };
  switch (triage.do) {
    case 'acknowledge':
      return read(api.POST('/api/v1/alerts/{alert_id}/acknowledge', { params }));
    case 'assign':
      return read(api.POST('/api/v1/alerts/{alert_id}/assign', { params, body: { assignee_id: triage.to } }));
    case 'close': {
      const { verdict, reason, note } = triage;
      return read(
        api.POST('/api/v1/alerts/{alert_id}/close', { params, body: { verdict, reason, note: note ?? null } }),
      );
    }
  }
}

function expected(triage: Triage, me: string): Partial<Alert> {
  switch (triage.do) {
    case 'acknowledge':
      return { status: 'acknowledged', assignee_id: me };
    case 'assign':
      return { assignee_id: triage.to };
    case 'close':
      return { status: 'closed', verdict: triage.verdict, reason: triage.reason };
  }
}

/** `show` of the application's lists. */
export function useShow() {
  const client = useQueryClient();
  return useCallback((id: string, change: (row: Alert) => Alert) => show(client, id, change), [client]);
}

/** Change a row in every list that has it; none is moved or taken out, for rows never jump. */
function show(client: QueryClient, id: string, change: (row: Alert) => Alert): void {
  client.setQueriesData<InfiniteData<AlertPage>>({ queryKey: ['alerts', 'list'] }, (data) => {
    if (!data?.pages.some((page) => page.items.some((row) => row.id === id))) return data;
    const pages = data.pages.map((page) => ({
      ...page,
      items: page.items.map((row) => (row.id === id ? change(row) : row)),
    }));
    return { ...data, pages };
  });
}
