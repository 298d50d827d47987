import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { api, keepCsrfToken, whenSignedOut } from './client';
import type { ApiError } from './problem';

const server = setupServer();
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

const url = (path: string) => new URL(path, window.location.href).href;

test('what changes something carries the session’s token, what reads does not', async () => {
  const seen: (string | null)[] = [];
  const hear = ({ request }: { request: Request }) => {
    seen.push(request.headers.get('X-CSRF-Token'));
    return HttpResponse.json({});
  };
  server.use(http.post(url('/api/v1/auth/logout'), hear), http.get(url('/api/v1/auth/methods'), hear));
  keepCsrfToken('t0ken');
  await api.POST('/api/v1/auth/logout');
  await api.GET('/api/v1/auth/methods');
  expect(seen).toEqual(['t0ken', null]);
});

test('a problem is thrown with its words, its fields and the id operators look for', async () => {
  const problem = {
    type: 'about:blank',
    title: 'Unprocessable',
    status: 422,
    code: 'invalid',
    detail: 'The query cannot be read.',
    correlation_id: 'c0ffee',
    errors: [
      { code: 'value_error', detail: 'A quote is open.', parameter: 'query' },
      { code: 'value_error', detail: 'Too long.', pointer: '/title' },
    ],
  };
  server.use(http.get(url('/api/v1/alerts'), () => HttpResponse.json(problem, { status: 422 })));
  const error: ApiError = await api.GET('/api/v1/alerts').catch((thrown) => thrown);
  expect(error).toMatchObject({ status: 422, code: 'invalid', correlationId: 'c0ffee', passing: false });
  expect(error.message).toBe('The query cannot be read.');
  expect([...error.fields]).toEqual([
    ['query', 'A quote is open.'],
    ['title', 'Too long.'],
  ]);
});

test('who is signed out meanwhile is told, but not by a password that was wrong', async () => {
  const told = vi.fn();
  whenSignedOut(told);
  const refuse = () => HttpResponse.json({ code: 'bad_credentials' }, { status: 401 });
  server.use(http.post(url('/api/v1/auth/login'), refuse), http.get(url('/api/v1/alerts'), refuse));
  await api.POST('/api/v1/auth/login', { body: { email: 'a@example.org', password: 'x' } }).catch(() => undefined);
  expect(told).not.toHaveBeenCalled();
  await api.GET('/api/v1/alerts').catch(() => undefined);
  expect(told).toHaveBeenCalledOnce();
});

test('a server that cannot be reached may be there again', async () => {
  server.use(http.get(url('/api/v1/alerts'), () => HttpResponse.error()));
  const error: ApiError = await api.GET('/api/v1/alerts').catch((thrown) => thrown);
  expect(error).toMatchObject({ status: 0, code: 'offline', passing: true });
});
