import { delay, HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import type { Alert } from './queries';
import { sendInTurn, undoing } from './triage';

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const alert = { assignee_id: 'ann', tags: ['vip', 'lab'] } as Alert;

test('what is taken back puts the alert as it was, and no more', () => {
  expect(undoing(alert, { do: 'assign', to: null })).toEqual({ do: 'assign', to: 'ann' });
  expect(undoing(alert, { do: 'tag', add: ['vip', 'new'], remove: ['lab', 'none'] })).toEqual({
    do: 'tag',
    add: ['lab'],
    remove: ['new'],
  });
  expect(undoing(alert, { do: 'close', verdict: 'false_positive', reason: 'x', note: null })).toEqual({
    do: 'reopen',
  });
  expect(undoing(alert, { do: 'acknowledge' })).toBeUndefined();
});

test('who presses two keys at once is not told that somebody else was faster', async () => {
  const seen: (string | null)[] = [];
  let revision = 7;
  const answer = async ({ request }: { request: Request }) => {
    seen.push(request.headers.get('If-Match'));
    await delay(50);
    return HttpResponse.json({ id: 'a', revision: ++revision });
  };
  const at = (step: string) => new URL(`/api/v1/alerts/:id/${step}`, window.location.href).href;
  server.use(http.post(at('assign'), answer), http.post(at('acknowledge'), answer));
  const row = { ...alert, id: 'a', revision: 7 };
  await Promise.all([sendInTurn(row, { do: 'assign', to: 'me' }), sendInTurn(row, { do: 'acknowledge' })]);
  expect(seen).toEqual(['"7"', '"8"']);
  await sendInTurn(row, { do: 'acknowledge' });
  expect(seen.at(-1)).toBe('"7"');
});
