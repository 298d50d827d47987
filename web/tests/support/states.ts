import { expect } from '@playwright/test';
import { ask, demo, send } from './demo';
import { type Member, member } from './member';

/** What dialogs are opened on: each in the state that the dialog needs. */
export type States = Readonly<Record<'alert' | 'linked' | 'full' | 'ready' | 'review' | 'closed', string>> & {
  draft: string;
  offered: string;
  template: string;
  sensor: string;
  suppression: string;
  record: string;
  /** Jobs: one that can be started, one that can be taken back, one whose copy can be fetched. */
  jobs: Readonly<Record<'draft' | 'undo' | 'copy', string>>;
};

const NAME = 'Every dialog';

interface Known {
  id: string;
  revision: number;
}
interface List<T> {
  items: T[];
}

/** The first of a list that is meant, or a new one. */
async function findOrMake<T>(of: Member, list: string, is: (one: T) => boolean, make: () => Promise<T>): Promise<T> {
  return (await of.get<List<T>>(list)).items.find(is) ?? (await make());
}

/** An alert of one's own; sent again it folds into the one that is there. */
async function alertOf(number: number): Promise<string> {
  const signature = `${NAME} ${number}`;
  const query = new URLSearchParams({ query: `rule.name:"${signature}"`, limit: '1' });
  const find = () => ask<List<Known>>('GET', `/alerts?${query}`);
  const there = (await find()).items[0];
  if (there) return there.id;
  await send('suricata_eve', {
    timestamp: new Date().toISOString(),
    event_type: 'alert',
    flow_id: 7_700_000 + number,
    proto: 'TCP',
    src_ip: `10.77.0.${number}`,
    src_port: 40_000,
    dest_ip: '10.20.50.10',
    dest_port: 443,
    alert: { signature_id: 7_700_000 + number, signature, severity: 2 },
  });
  await expect.poll(async () => (await find()).items.length, { timeout: 60_000 }).toBe(1);
  return await alertOf(number);
}

/** A note that was edited once. */
async function noteOn(of: Member, path: string): Promise<void> {
  const note = await of.make<Known>(`${path}/notes`, { body: 'Seen before, in **August**.' });
  const now = await of.get<Known>(`${path}/notes/${note.id}`);
  if (now.revision === 1)
    await of.send('PUT', `${path}/notes/${note.id}`, { body: 'Seen before, in **September**.' }, now.revision);
}

async function templateOf(admin: Member): Promise<string> {
  const { id } = await findOrMake<Known & { name: string }>(
    admin,
    '/incident-templates',
    (one) => one.name === NAME,
    () =>
      admin.make('/incident-templates', {
        name: NAME,
        description: 'What needs a field and a task before it is closed.',
        title: '',
        summary: '',
        fields: [{ name: 'scope', label: 'Scope', kind: 'text', required: true }],
        tasks: [{ title: 'Look for others of the kind', description: '', phase: 'Analyse', required: true }],
      }),
  );
  return id;
}

/** An incident that has one of everything. */
async function fullOf(admin: Member, template: string, linked: string): Promise<string> {
  const title = `${NAME}: one of everything`;
  const { id } = await admin.make<Known>('/incidents', {
    title,
    template_id: template,
    tags: ['dialogs'],
    alert_ids: [linked],
    restricted: false,
  });
  const at = `/incidents/${id}`;
  await noteOn(admin, at);
  await admin.make(`${at}/timeline`, { message: 'The first mail was opened.' });
  await admin.make(`${at}/observables`, { text: 'evil.example 10.77.0.1', dry_run: false, ioc: true, note: '' });
  if ((await admin.get<List<Known>>(`${at}/evidence`)).items.length === 0)
    await admin.hand(`${at}/evidence?name=mail.txt&description=As%20it%20came`, 'From: somebody');
  const other = await admin.make<Known>('/incidents', { title: `${NAME}: merged`, severity: 2, restricted: false });
  const now = await admin.get<Known & { merged_numbers: number[] }>(at);
  if (now.merged_numbers.length === 0) await admin.make(`${at}/merge`, { incident_ids: [other.id] }, now.revision);
  await expect
    .poll(async () => (await admin.get<List<Known>>(`${at}/events`)).items.length, { timeout: 60_000 })
    .toBeGreaterThan(0);
  return id;
}

/** An incident that lacks nothing. */
const wholeOf = (by: Member, name: string, { severity = 2, restricted = false } = {}) =>
  by.make<Known>('/incidents', {
    title: `${NAME}: ${name}`,
    summary: 'A mail was opened, and nothing came of it.',
    severity,
    restricted,
  });

async function reviewOf(analyst: Member): Promise<string> {
  const { id } = await wholeOf(analyst, 'in review', { severity: 5 });
  const now = await analyst.get<Known & { review: unknown }>(`/incidents/${id}`);
  const closing = { verdict: 'false_positive', reason: 'rule_too_broad', comment: 'Please look.' };
  if (!now.review) await analyst.make(`/incidents/${id}/review`, closing, now.revision);
  return id;
}

async function closedOf(admin: Member): Promise<string> {
  const { id } = await wholeOf(admin, 'closed');
  const now = await admin.get<Known & { status: string }>(`/incidents/${id}`);
  const closing = { verdict: 'false_positive', reason: 'rule_too_broad' };
  if (now.status !== 'closed') await admin.make(`/incidents/${id}/close`, closing, now.revision);
  return id;
}

interface Handover extends Known {
  status: string;
  outgoing_id: string;
  incoming_id: string | null;
}

async function handoverOf(from: Member, to: Member, status: 'draft' | 'signed'): Promise<string> {
  const is = (one: Handover) => one.status === status && one.outgoing_id === from.id && one.incoming_id === to.id;
  const make = () =>
    from.make<Handover>('/handovers', { shift: `${NAME} ${Date.now()}`, notes: '', incoming_id: to.id });
  const one = await findOrMake<Handover>(from, '/handovers?limit=100', is, make);
  if (one.status !== status) await from.make(`/handovers/${one.id}/sign`, {}, one.revision);
  return one.id;
}

interface Sensor extends Known {
  status: string;
}

interface Job extends Known {
  status: string;
  kind: string;
}

/** A job of ours, over where it was begun. */
async function jobsOf(admin: Member, alert: string): Promise<States['jobs']> {
  const bulk = (tag: string, start: boolean) => ({
    ids: [alert],
    action: { type: 'tags', add: [tag], remove: [] },
    start,
    snoozed: false,
  });
  const draft = await admin.make<Job>('/alerts/bulk', bulk('not-yet', false));
  const undo = await admin.make<Job>('/alerts/bulk', bulk('dialogs', true));
  const copy = await admin.make<Job>('/exports', {
    of: 'alerts',
    format: 'csv',
    query: `rule.name:"${NAME} 1"`,
    with_documents: false,
    status: [],
  });
  for (const { id } of [undo, copy])
    await expect.poll(async () => (await admin.get<Job>(`/jobs/${id}`)).status, { timeout: 60_000 }).toBe('done');
  return { draft: draft.id, undo: undo.id, copy: copy.id };
}

async function recordOf(): Promise<string> {
  const find = () => ask<List<Known>>('GET', '/quarantine?limit=1&status=open');
  if ((await find()).items.length === 0) await send('json', 'no event at all');
  await expect.poll(async () => (await find()).items.length, { timeout: 60_000 }).toBeGreaterThan(0);
  return (await find()).items[0]?.id ?? '';
}

/** Names that the lists of settings have one of. */
async function settingsOf(admin: Member): Promise<void> {
  interface Named {
    name: string;
  }
  const named = (list: string, body: object) =>
    findOrMake<Named>(
      admin,
      list,
      (one) => one.name === NAME,
      () => admin.send('POST', list.split('?')[0] ?? list, { name: NAME, ...body }),
    );
  await named('/views?kind=alert', { kind: 'alert', query: 'severity:>=high', shared: false });
  await named('/notification-channels', { kind: 'email', to: ['dialogs@alderbrook.example'] });
  const scopes = ['alerts:read', 'events:read'];
  await named('/tokens?limit=100', { scopes, expires_days: 1, password: demo.users.admin.password });
  await findOrMake<{ user_id: string | null }>(
    admin,
    '/notification-routes',
    (one) => one.user_id === admin.id,
    () => admin.make('/notification-routes', { kinds: ['job.done'], min_severity: 5, coalesce_seconds: 60 }),
  );
  // Somebody who may be asked for a review.
  const lead = 'lead@alderbrook.example';
  await findOrMake<{ email: string }>(
    admin,
    '/users?limit=100',
    (one) => one.email === lead,
    () => admin.send('POST', '/users', { email: lead, name: 'Lea Lead', role: 'lead' }),
  );
  const reasons = `/organizations/${admin.organization}/close-reasons`;
  const known = await admin.get<Named[]>(reasons);
  if (!known.some((one) => one.name === NAME)) await admin.make(reasons, { verdict: 'false_positive', name: NAME });
}

/** All of them, made where they are not there yet. */
export async function makeStates(): Promise<States> {
  const [admin, analyst] = [await member('admin'), await member('analyst')];
  const [alert, linked] = [await alertOf(1), await alertOf(2)];
  await noteOn(admin, `/alerts/${alert}`);
  await settingsOf(admin);
  const template = await templateOf(admin);
  const suppression = await admin.make<Known>('/suppressions', {
    name: NAME,
    query: 'rule.name:"Nothing is called so"',
    reason: 'It is looked at.',
    mode: 'monitor',
    ends_at: new Date(new Date().setUTCHours(24, 0, 0, 0) + 86_400_000).toISOString(),
  });
  return {
    alert,
    linked,
    template,
    suppression: suppression.id,
    full: await fullOf(admin, template, linked),
    ready: (await wholeOf(admin, 'nothing missing', { restricted: true })).id,
    review: await reviewOf(analyst),
    closed: await closedOf(admin),
    draft: await handoverOf(admin, analyst, 'draft'),
    offered: await handoverOf(analyst, admin, 'signed'),
    jobs: await jobsOf(admin, alert),
    record: await recordOf(),
    sensor:
      (await admin.get<List<Sensor>>('/sensors?limit=100')).items.find((one) => one.status === 'active')?.id ?? '',
  };
}
