import { type QueryClient, useQueryClient } from '@tanstack/react-query';
import { RouterProvider } from '@tanstack/react-router';
import { useState } from 'react';
import { whenSignedOut } from '@/api/client';
import { sessionQuery } from '@/api/session';
import { createAppRouter } from './routes';

/** The application: every page, from where the URL says. */
export function App() {
  const client = useQueryClient();
  const [router] = useState(() => routerOver(client));
  return <RouterProvider router={router} />;
}

function routerOver(client: QueryClient) {
  const router = createAppRouter(client);
  whenSignedOut(() => {
    client.setQueryData(sessionQuery.queryKey, null);
    void router.invalidate();
  });
  return router;
}
