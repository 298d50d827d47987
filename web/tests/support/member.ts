import { createHash } from 'node:crypto';
import { type APIRequestContext, request } from '@playwright/test';
import { demo, type Who } from './demo';

/** The public API as somebody has it who is signed in. Raises where it refuses. */
export interface Member {
  id: string;
  organization: string;
  get: <T>(path: string) => Promise<T>;
  /** Made once a day: the same request again is answered as it was. */
  make: <T>(path: string, body: unknown, revision?: number) => Promise<T>;
  send: <T>(method: 'POST' | 'PUT' | 'PATCH', path: string, body: unknown, revision?: number) => Promise<T>;
  hand: (path: string, bytes: string) => Promise<void>;
}

interface Session {
  csrf_token: string;
  user: { id: string };
  memberships: { organization_id: string }[];
}

/** Sign in without a browser. */
export async function member(who: Who): Promise<Member> {
  const context = await request.newContext({ baseURL: demo.api_url });
  await said(context, 'POST', '/auth/login', { data: demo.users[who] });
  const session = await said<Session>(context, 'GET', '/auth/session');
  const token = { 'X-CSRF-Token': session.csrf_token };
  const match = (revision?: number): Record<string, string> =>
    revision === undefined ? {} : { 'If-Match': `"${revision}"` };
  return {
    id: session.user.id,
    organization: session.memberships[0]?.organization_id ?? '',
    get: (path) => said(context, 'GET', path),
    make: (path, data, revision) =>
      said(context, 'POST', path, {
        data,
        headers: {
          ...token,
          ...match(revision),
          ...(revision === undefined && { 'Idempotency-Key': nameOf(path, data) }),
        },
      }),
    send: (method, path, data, revision) =>
      said(context, method, path, { data, headers: { ...token, ...match(revision) } }),
    hand: (path, bytes) =>
      said(context, 'POST', path, { data: Buffer.from(bytes), headers: { ...token, 'Content-Type': 'text/plain' } }),
  };
}

const nameOf = (path: string, body: unknown) =>
  createHash('sha256')
    .update(`${path} ${JSON.stringify(body)}`)
    .digest('hex');

async function said<T>(
  context: APIRequestContext,
  method: string,
  path: string,
  options: Parameters<APIRequestContext['fetch']>[1] = {},
): Promise<T> {
  const reply = await context.fetch(`/api/v1${path}`, { method, ...options });
  if (!reply.ok()) throw new Error(`${method} ${path}: ${reply.status()} ${await reply.text()}`);
  const text = await reply.text();
  return (text ? JSON.parse(text) : undefined) as T;
}
