import '@fontsource-variable/inter';
import '@fontsource-variable/jetbrains-mono';
import '@/styles/tokens.css';
import '@/styles/base.css';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { whenSignedOut } from '@/api/client';
import { asApiError } from '@/api/problem';
import { sessionQuery } from '@/api/session';
import { createAppRouter } from './routes';

const MOST_RETRIES = 3;

const client = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // What was refused is refused again; what did not come may come.
      retry: (failed, error) => failed < MOST_RETRIES && asApiError(error).passing,
      retryDelay: (failed) => Math.min(10_000, 500 * 2 ** failed) * (0.5 + Math.random() / 2),
    },
  },
});
const router = createAppRouter(client);

whenSignedOut(() => {
  client.setQueryData(sessionQuery.queryKey, null);
  void router.invalidate();
});

const place = document.getElementById('root');
if (place === null) throw new Error('index.html has no #root.');
createRoot(place).render(
  <StrictMode>
    <QueryClientProvider client={client}>
      <RouterProvider router={router} />
    </QueryClientProvider>
  </StrictMode>,
);
