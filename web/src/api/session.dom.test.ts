import { QueryClient } from '@tanstack/react-query';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { sessionOf, url } from '@/test/render';
import { sessionQuery } from './session';

const ada = sessionOf('alerts:read');
const bob = { ...ada, user: { ...ada.user, id: 'bob' } };
let now = ada;
const server = setupServer(http.get(url('/api/v1/auth/session'), () => HttpResponse.json(now)));
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterAll(() => server.close());

test('when somebody else signs in beside this page, it shows nothing that was asked for before', async () => {
  const client = new QueryClient();
  const fetched = () => client.fetchQuery({ ...sessionQuery, staleTime: 0 });
  await fetched();
  client.setQueryData(['incidents', 'one', 'x'], { title: 'For some eyes only' });
  await fetched();
  expect(client.getQueryData(['incidents', 'one', 'x'])).toBeDefined();
  now = bob;
  await fetched();
  expect(client.getQueryData(['incidents', 'one', 'x'])).toBeUndefined();
  expect(client.getQueryData(sessionQuery.queryKey)?.user.id).toBe('bob');
});
