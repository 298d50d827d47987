import createClient, { type Middleware } from 'openapi-fetch';
import { ApiError, asApiError } from './problem';
import type { paths } from './schema';

const CSRF_HEADER = 'X-CSRF-Token';
const SAFE = new Set(['GET', 'HEAD']);
/** Longer than any reply takes that is not an upload; what takes longer is a job. */
const TIMEOUT_MS = 30_000;

let csrfToken: string | undefined;
let onSignedOut: () => void = () => undefined;

/** The session's own token, which lives in memory alone. */
export function keepCsrfToken(token: string | undefined): void {
  csrfToken = token;
}

/** What changes something outside of `api` carries the same token. */
export const csrfHeader = (): Record<string, string> => (csrfToken ? { [CSRF_HEADER]: csrfToken } : {});

/** What to do when a reply says that nobody is signed in any more. */
export function whenSignedOut(then: () => void): void {
  onSignedOut = then;
}

const edge: Middleware = {
  onRequest({ request }) {
    if (!SAFE.has(request.method) && csrfToken) request.headers.set(CSRF_HEADER, csrfToken);
    return request;
  },
  async onResponse({ request, response }) {
    if (response.ok) return response;
    const body: unknown = await response.json().catch(() => undefined);
    if (response.status === 401 && !request.url.includes('/auth/')) onSignedOut();
    const problem = typeof body === 'object' && body !== null ? body : {};
    const seconds = Number(response.headers.get('Retry-After') ?? Number.NaN);
    const retryAfter = Number.isFinite(seconds) ? seconds : undefined;
    throw new ApiError(response.status, { title: response.statusText, ...problem }, body, retryAfter);
  },
  onError({ error }) {
    return asApiError(error);
  },
};

/** The public API, typed by its own document. Whatever is not a success is thrown as an `ApiError`. */
export const api = createClient<paths>({
  baseUrl: window.location.origin,
  // Looked up at each call, so that tests may put their own in its place.
  fetch: (request) =>
    globalThis.fetch(request, { signal: AbortSignal.any([request.signal, AbortSignal.timeout(TIMEOUT_MS)]) }),
});
api.use(edge);

/** The data of a reply that has some. Raises what `api` raises. */
export async function read<T>(reply: Promise<{ data?: T; response: Response }>): Promise<T> {
  const { data, response } = await reply;
  if (data === undefined) throw new ApiError(response.status, { code: 'empty', detail: 'The reply was empty.' });
  return data;
}
