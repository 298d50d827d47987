import '@fontsource-variable/inter';
import '@fontsource-variable/jetbrains-mono';
import '@/styles/tokens.css';
import '@/styles/base.css';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { type ReactNode, StrictMode } from 'react';
import { createRoot } from 'react-dom/client';
import { asApiError, retryDelay } from '@/api/problem';
import { sessionQuery } from '@/api/session';
import { asksToSignIn, doorAt } from './door';

const MOST_RETRIES = 3;

const client = new QueryClient({
  defaultOptions: {
    // What cannot be done now is said to have failed; nothing is done later, when nobody looks any more.
    mutations: { networkMode: 'always' },
    queries: {
      staleTime: 5_000,
      // What was refused is refused again; what did not come may come.
      retry: (failed, error) => failed < MOST_RETRIES && asApiError(error).passing,
      retryDelay: (failed, error) => retryDelay(failed, asApiError(error)),
    },
  },
});

const place = document.getElementById('root');
if (place === null) throw new Error('index.html has no #root.');
const root = createRoot(place);

function show(what: ReactNode): void {
  root.render(
    <StrictMode>
      <QueryClientProvider client={client}>{what}</QueryClientProvider>
    </StrictMode>,
  );
}

/** True where the server says so; who cannot be asked for is let on, to the page that says what is wrong. */
async function isNobody(): Promise<boolean> {
  const asked = client.ensureQueryData({ ...sessionQuery, retry: false });
  return (await asked.catch(() => undefined)) === null;
}

const application = () => import('./App');

/** Shows the application, or to who is not signed in the entrance: the application then comes while they type. */
async function start(): Promise<void> {
  if (!asksToSignIn(window.location)) {
    const coming = application();
    // Who has the code looks at what it says below.
    coming.catch(() => undefined);
    if (!(await isNobody())) {
      const { App } = await coming;
      window.removeEventListener('popstate', start);
      show(<App />);
      return;
    }
  }
  const href = doorAt(window.location);
  window.history.replaceState(window.history.state, '', href);
  const { Entrance } = await import('./Entrance');
  show(<Entrance href={href} onGo={go} />);
  application().catch(() => undefined);
}

/** Leads on from the entrance. Where the code has become another meanwhile, it is begun anew. */
function go(to: string, how: 'replace' | 'push' = 'push'): void {
  window.history[`${how}State`](null, '', to);
  start().catch(() => window.location.reload());
}

window.addEventListener('popstate', start);
void start();
