import { type InfiniteData, type QueryClient, useMutation, useQueryClient } from '@tanstack/react-query';
import { useCallback } from 'react';
import { api, read } from '@/api/client';
import { ifMatch } from '@/api/preconditions';
import { asApiError } from '@/api/problem';
import type { components } from '@/api/schema';
import { statusLabel } from '@/domain/status';
import type { Verdict } from '@/domain/verdict';
import { complain, say } from '@/ui/toast';
import type { Alert } from './queries';

type AlertPage = components['schemas']['AlertPage'];
type AlertRead = components['schemas']['AlertRead'];

export type Triage =
  | { do: 'acknowledge' | 'start' | 'reopen' | 'wake' }
  | { do: 'assign'; to: string | null }
  | { do: 'close'; verdict: Verdict; reason: string; note: string | null }
  | { do: 'tag'; add: string[]; remove: string[] }
  | { do: 'snooze'; until: string };

export interface Wanted {
  alert: Alert;
  triage: Triage;
  /** It takes another one back, and is not offered to be taken back in turn. */
  back?: true;
}

/** One step of triage. It is shown at once, taken back where it was refused, and undone where there is a way back. */
export function useTriage(me: string) {
  const client = useQueryClient();
  const { mutate } = useMutation({
    mutationKey: ['alerts', 'triage'],
    mutationFn: ({ alert, triage }: Wanted) => send(alert, triage),
    onMutate: ({ alert, triage }) => show(client, [alert.id], (row) => ({ ...row, ...expected(row, triage, me) })),
    onSuccess: (after, { alert, triage, back: isBack }) => {
      show(client, [alert.id], (row) => ({ ...row, ...after }));
      const back = isBack ? undefined : undoing(alert, triage);
      const now = { ...alert, ...after };
      say({
        title: `${isBack ? 'Taken back' : DONE[triage.do]}: ${alert.title}`,
        ...(back && { undo: () => mutate({ alert: now, triage: back, back: true }) }),
      });
    },
    onError: (error, { alert, triage }) => {
      show(client, [alert.id], () => alert);
      const { status, message, body } = asApiError(error);
      if (status !== 412)
        return complain({ title: `Not ${DONE[triage.do].toLowerCase()}: ${alert.title}`, description: message });
      // Somebody was faster: what they made of it is in the reply.
      const current = (body as { current?: AlertRead } | undefined)?.current;
      if (current) show(client, [alert.id], (row) => ({ ...row, ...current }));
      return complain({
        title: `Somebody changed it first: ${alert.title}`,
        description: current ? `It is ${statusLabel(current.status).toLowerCase()} now.` : message,
      });
    },
    onSettled: (_, __, { alert }) => client.invalidateQueries({ queryKey: ['alerts', 'one', alert.id] }),
  });
  return mutate;
}

const DONE: Record<Triage['do'], string> = {
  acknowledge: 'Acknowledged',
  start: 'Started',
  reopen: 'Reopened',
  wake: 'Woken',
  assign: 'Assigned',
  close: 'Closed',
  tag: 'Tagged',
  snooze: 'Snoozed',
};

async function send(alert: Alert, triage: Triage): Promise<Partial<Alert>> {
  const path = { alert_id: alert.id };
  const params = { path, header: ifMatch(alert.revision) };
  switch (triage.do) {
    case 'acknowledge':
      return read(api.POST('/api/v1/alerts/{alert_id}/acknowledge', { params }));
    case 'start':
      return read(api.POST('/api/v1/alerts/{alert_id}/start', { params }));
    case 'reopen':
      return read(api.POST('/api/v1/alerts/{alert_id}/reopen', { params }));
    case 'assign':
      return read(api.POST('/api/v1/alerts/{alert_id}/assign', { params, body: { assignee_id: triage.to } }));
    case 'tag':
      return read(
        api.POST('/api/v1/alerts/{alert_id}/tags', { params, body: { add: triage.add, remove: triage.remove } }),
      );
    case 'close': {
      const { verdict, reason, note } = triage;
      return read(api.POST('/api/v1/alerts/{alert_id}/close', { params, body: { verdict, reason, note } }));
    }
    case 'snooze':
      await api.PUT('/api/v1/alerts/{alert_id}/snooze', {
        params: { path },
        body: { until: triage.until, until_event: true },
      });
      return { snoozed_until: triage.until };
    case 'wake':
      await api.DELETE('/api/v1/alerts/{alert_id}/snooze', { params: { path } });
      return { snoozed_until: null };
  }
}

/** What a row is likely to be, until the reply says what it is. */
function expected(row: Alert, triage: Triage, me: string): Partial<Alert> {
  switch (triage.do) {
    case 'acknowledge':
      return { status: 'acknowledged', assignee_id: row.assignee_id ?? me };
    case 'start':
      return { status: 'in_progress', assignee_id: row.assignee_id ?? me };
    case 'assign':
      return { assignee_id: triage.to };
    case 'close':
      return { status: 'closed', verdict: triage.verdict, reason: triage.reason };
    case 'tag':
      return { tags: [...new Set([...row.tags, ...triage.add])].filter((tag) => !triage.remove.includes(tag)) };
    case 'snooze':
      return { snoozed_until: triage.until };
    default:
      return {};
  }
}

/** What takes it back; undefined where the API has no way. */
export function undoing(before: Alert, triage: Triage): Triage | undefined {
  switch (triage.do) {
    case 'assign':
      return { do: 'assign', to: before.assignee_id };
    case 'close':
      return { do: 'reopen' };
    case 'tag':
      return {
        do: 'tag',
        add: triage.remove.filter((tag) => before.tags.includes(tag)),
        remove: triage.add.filter((tag) => !before.tags.includes(tag)),
      };
    case 'snooze':
      return { do: 'wake' };
    default:
      return undefined;
  }
}

/** `show` of the application's lists. */
export function useShow() {
  const client = useQueryClient();
  return useCallback((ids: readonly string[], change: (row: Alert) => Alert) => show(client, ids, change), [client]);
}

/** Change rows in every list that has them; none is moved or taken out, for rows never jump. */
function show(client: QueryClient, ids: readonly string[], change: (row: Alert) => Alert): void {
  const wanted = new Set(ids);
  client.setQueriesData<InfiniteData<AlertPage>>({ queryKey: ['alerts', 'list'] }, (data) => {
    if (!data?.pages.some((page) => page.items.some((row) => wanted.has(row.id)))) return data;
    const pages = data.pages.map((page) =>
      page.items.some((row) => wanted.has(row.id))
        ? { ...page, items: page.items.map((row) => (wanted.has(row.id) ? change(row) : row)) }
        : page,
    );
    return { ...data, pages };
  });
}
