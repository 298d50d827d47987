import { readFileSync } from 'node:fs';
import { expect, type Page } from '@playwright/test';

interface Demo {
  ingest_url: string;
  api_url: string;
  web_url: string;
  api_token: string;
  users: Record<'admin' | 'analyst', { email: string; password: string }>;
  sensors: Record<string, { id: string; key: string }>;
}

/** What `make demo` wrote for scripts. */
export const demo = JSON.parse(readFileSync(process.env.EVENTSEC_DEMO_JSON ?? '../.stack/demo.json', 'utf8')) as Demo;

export type Who = keyof Demo['users'];

/** As a person does: the form, the keyboard, the first page behind it. */
export async function signIn(page: Page, who: Who, path = '/alerts'): Promise<void> {
  const { email, password } = demo.users[who];
  await page.goto(`/login?next=${encodeURIComponent(path)}`);
  await page.getByLabel('E-mail address').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.keyboard.press('Enter');
  await page.waitForURL((url) => url.pathname === path.split('?')[0]);
  await expect(page.getByRole('main')).toBeVisible();
}

/** The public API as a script has it, which changes things however they are. Raises where it refuses. */
export async function ask<T>(method: string, path: string, body?: unknown): Promise<T> {
  const reply = await fetch(`${demo.api_url}/api/v1${path}`, {
    method,
    headers: {
      Authorization: `Bearer ${demo.api_token}`,
      'Content-Type': 'application/json',
      ...(method !== 'GET' && { 'If-Match': '*' }),
    },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`);
  return (await reply.json()) as T;
}

/** What a sensor sends. */
export const send = (format: string, record: unknown) => sendAll(format, [record]);

/** The same, many at once. */
export async function sendAll(format: string, records: readonly unknown[]): Promise<void> {
  const sensor = demo.sensors[format];
  if (!sensor) throw new Error(`The demo has no sensor of ${format}.`);
  const reply = await fetch(`${demo.ingest_url}/ingest/v1/events`, {
    method: 'POST',
    headers: { Authorization: `Bearer ${sensor.key}`, 'Content-Type': 'application/x-ndjson' },
    body: records.map((record) => JSON.stringify(record)).join('\n'),
  });
  if (reply.status !== 202) throw new Error(`The door said ${reply.status}: ${await reply.text()}`);
}

/** Wait until all of the product answers, with all that it stands on, as after an outage. */
export async function ready(): Promise<void> {
  const wait = { timeout: 120_000 };
  for (const url of [demo.api_url, demo.ingest_url])
    await expect.poll(async () => (await answerOf<{ status: string }>(`${url}/readyz`))?.status, wait).toBe('ok');
  await expect.poll(async () => (await fetch(demo.web_url).catch(() => undefined))?.ok, wait).toBe(true);
}

async function answerOf<T>(url: string): Promise<T | undefined> {
  const reply = await fetch(url).catch(() => undefined);
  return reply?.ok ? ((await reply.json()) as T) : undefined;
}
