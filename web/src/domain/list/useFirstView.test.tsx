import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { renderHook, waitFor } from '@testing-library/react';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import type { ReactNode } from 'react';
import { afterAll, afterEach, beforeAll, expect, test, vi } from 'vitest';
import { useFirstView } from './useFirstView';
import { keepFirstView, viewsQuery } from './views';

let come: () => void = () => undefined;
const view = { id: 'v1', kind: 'alert', name: 'Mine', query: 'assignee:me', sort: null, columns: [] };
const server = setupServer(
  http.get(new URL('/api/v1/views', window.location.href).href, async () => {
    await new Promise<void>((then) => {
      come = then;
    });
    return HttpResponse.json({ items: [view], next_cursor: null });
  }),
);
beforeAll(() => {
  server.listen({ onUnhandledRequest: 'error' });
  keepFirstView('alert', 'v1');
});
afterEach(() => server.resetHandlers());
afterAll(() => server.close());

function first() {
  const client = new QueryClient();
  const onOpen = vi.fn();
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  );
  const hook = renderHook(({ said }) => useFirstView({ kind: 'alert', builtIn: [], said, onOpen }), {
    wrapper,
    initialProps: { said: false },
  });
  const arrive = () =>
    waitFor(() => {
      come();
      expect(client.getQueryData(viewsQuery('alert').queryKey)).toBeDefined();
    });
  return { ...hook, onOpen, arrive };
}

test('the view that one begins with is opened when it is there', async () => {
  const { onOpen, arrive } = first();
  await arrive();
  await waitFor(() => expect(onOpen).toHaveBeenCalledWith('v1', view));
});

test('who asked for something meanwhile keeps it', async () => {
  const { rerender, onOpen, arrive } = first();
  rerender({ said: true });
  await arrive();
  rerender({ said: true });
  expect(onOpen).not.toHaveBeenCalled();
});
