import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { changeMany, undoMany } from './many';
import { incident } from './testing';

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const path = new URL('/api/v1/incidents/:id/tags', window.location.href).href;
const never = () => new AbortController().signal;
const tag = { do: 'tag', add: ['vpn'], remove: [] } as const;
const change = { ...tag, add: [...tag.add], remove: [...tag.remove] };

test('each has its own end: done with the revision that was seen, left out, or failed', async () => {
  const seen: (string | null)[] = [];
  server.use(
    http.post(path, ({ request, params }) => {
      seen.push(request.headers.get('If-Match'));
      if (params.id === 'late') return HttpResponse.json({ code: 'stale' }, { status: 412 });
      return HttpResponse.json({ tags: ['vpn'], revision: 8 });
    }),
  );
  const rows = [
    incident({ id: 'a', revision: 7 }),
    incident({ id: 'late', revision: 3 }),
    incident({ id: 'gone', status: 'merged' }),
  ];
  const outcome = await changeMany(rows, change, () => undefined, never());
  expect(seen.sort()).toEqual(['"3"', '"7"']);
  expect(outcome.done.map(({ now }) => [now.id, now.tags, now.revision])).toEqual([['a', ['vpn'], 8]]);
  expect(outcome.failed).toMatchObject([{ row: { id: 'late' }, why: 'Somebody changed it meanwhile' }]);
  expect(outcome.left).toMatchObject([{ row: { id: 'gone' }, why: 'merged into another' }]);
});

test('what is taken back is asked for with the revision that it has by then', async () => {
  const asked: unknown[] = [];
  server.use(
    http.post(path, async ({ request }) => {
      asked.push([request.headers.get('If-Match'), await request.json()]);
      return HttpResponse.json({ tags: [], revision: 9 });
    }),
  );
  const before = incident({ revision: 7 });
  const outcome = {
    matched: 1,
    done: [{ before, now: { ...before, tags: ['vpn'], revision: 8 } }],
    left: [],
    failed: [],
  };
  const end = await undoMany(outcome, change, () => undefined, never());
  expect(asked).toEqual([['"8"', { add: [], remove: ['vpn'] }]]);
  expect(end.done).toHaveLength(1);
});

test('stopped, the rest is left alone', async () => {
  const stop = new AbortController();
  stop.abort();
  expect(await changeMany([incident()], change, () => undefined, stop.signal)).toMatchObject({ done: [], failed: [] });
});
