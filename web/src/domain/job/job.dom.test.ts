import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { type Job, over } from './job';

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const PATH = new URL('/api/v1/jobs/j', window.location.href).href;
const job = (status: Job['status']) => ({ id: 'j', status }) as Job;

test('a job goes on while it cannot be asked about', async () => {
  const replies = [
    () => HttpResponse.error(),
    () => HttpResponse.json({ code: 'unavailable' }, { status: 503 }),
    () => HttpResponse.json(job('done')),
  ];
  server.use(http.get(PATH, () => replies.shift()?.()));
  expect(await over(job('running'))).toMatchObject({ status: 'done' });
});

test('a job that may not be asked about any more is not waited for', async () => {
  server.use(http.get(PATH, () => HttpResponse.json({ code: 'not_found' }, { status: 404 })));
  await expect(over(job('running'))).rejects.toMatchObject({ status: 404 });
});
