import type { components } from './schema';

type Problem = components['schemas']['Problem'];

/** What the server, or the way to it, answered in place of what was asked for. */
export class ApiError extends Error {
  /** HTTP's status; 0 where no reply came. */
  readonly status: number;
  /** A stable word for programs, such as `not_permitted`. */
  readonly code: string;
  /** By this operators find the request in the logs. */
  readonly correlationId: string | undefined;
  /** What is wrong with which field of the request, by its name. */
  readonly fields: ReadonlyMap<string, string>;
  /** The body of a reply, such as the row as it is now beside a 412. */
  readonly body: unknown;
  /** After how many seconds to ask again, where the reply says so. */
  readonly retryAfter: number | undefined;

  constructor(status: number, problem: Partial<Problem>, body?: unknown, retryAfter?: number) {
    super(problem.detail ?? problem.title ?? 'The request failed.');
    this.name = 'ApiError';
    this.status = status;
    this.code = problem.code ?? 'unknown';
    this.correlationId = problem.correlation_id ?? undefined;
    this.fields = new Map(
      (problem.errors ?? []).map((one) => [one.parameter ?? nameOf(one.pointer ?? ''), one.detail]),
    );
    this.body = body;
    this.retryAfter = retryAfter;
  }

  /** True where no reply came from the server itself: it, or the way to it, is away. */
  get unreachable(): boolean {
    return this.status === 0 || this.status === 502 || this.status === 504 || this.code === 'unreachable';
  }

  /** True where the same request may succeed later: no reply, or one that says so. */
  get passing(): boolean {
    return this.unreachable || this.status === 429 || this.status === 503;
  }
}

const LONGEST_MS = 10_000;

/** After how many milliseconds to ask again: later each time, and no sooner than who is asked too often allows. */
export function retryDelay(failed: number, { status, retryAfter = 0 }: ApiError): number {
  const delay = Math.min(LONGEST_MS, 500 * 2 ** failed) * (0.5 + Math.random() / 2);
  return status === 429 ? Math.max(delay, retryAfter * 1000) : delay;
}

/** What to show for anything that was thrown. */
export function asApiError(thrown: unknown): ApiError {
  if (thrown instanceof ApiError) return thrown;
  if (thrown instanceof DOMException && thrown.name === 'TimeoutError') {
    return new ApiError(0, { code: 'timeout', detail: 'No reply came in time.' });
  }
  // Programs that are wrong raise the same: only the browsers' words for a request that failed are about the server.
  if (thrown instanceof TypeError && /fetch|network|load failed/i.test(thrown.message))
    return new ApiError(0, { code: 'offline', detail: 'The server cannot be reached.' });
  // A page of some proxy's or portal's in the place of an answer.
  if (thrown instanceof SyntaxError)
    return new ApiError(0, { code: 'unreadable', detail: 'What came is no answer of this server’s.' });
  return new ApiError(0, { code: 'unknown', detail: thrown instanceof Error ? thrown.message : 'The request failed.' });
}

/** `/title` and `#/title` are called `title`. */
function nameOf(pointer: string): string {
  return pointer.replace(/^#?\//, '');
}
