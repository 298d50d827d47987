import type { components } from '@/api/schema';

export type Kind = components['schemas']['RouteCreate']['kinds'][number];
export type Status = components['schemas']['NotificationRead']['status'];
export type Format = NonNullable<components['schemas']['WebhookChannel']['format']>;

export const STATUSES: readonly Status[] = ['pending', 'sent', 'coalesced', 'failed'];

/** What there is to be told, in words; those that are told of everybody's work first. */
const WORDS: Record<Kind, readonly [label: string, when: string]> = {
  'alert.critical': ['Critical alert', 'An event makes an open alert critical.'],
  'sensor.silent': ['Silent sensor', 'A sensor was silent for twice as long as expected.'],
  'disk.forecast': ['Disk runs full', 'A store has less than a tenth of its room left.'],
  'clock.warning': ['Target comes near', 'Three quarters of a target have passed.'],
  'clock.breached': ['Target missed', 'All of a target has passed.'],
  'alert.assigned': ['Alert assigned', 'Somebody else gave you an alert.'],
  'note.mention': ['Mention', 'Somebody named you in a note.'],
  'incident.assigned': ['Incident assigned', 'Somebody else gave you an incident.'],
  'incident.review_wanted': ['Review wanted', 'You are to look at the closing of an incident.'],
  'incident.review_decided': ['Review decided', 'Somebody decided on the closing you asked for.'],
  'incident.glass_broken': ['Glass broken', 'Somebody opened a restricted incident of yours.'],
  'handover.waiting': ['Handover waiting', 'Somebody signed a handover that you are to accept.'],
  'handover.accepted': ['Handover accepted', 'Somebody accepted yours.'],
  'job.done': ['Job done', 'A job you asked for ended.'],
};

export const KINDS = Object.entries(WORDS).map(([kind, [label]]) => [kind as Kind, label] as const);

/** Also of what nobody makes a route for, such as the test of a channel. */
export const kindLabel = (kind: string): string =>
  kind === 'channel.test' ? 'Test message' : (WORDS[kind as Kind]?.[0] ?? kind);
export const kindHelp = (kind: Kind): string => WORDS[kind][1];

/** What a channel can be told of: the rest is about one person's work, and goes to that person. */
const PERSONAL: readonly Kind[] = [
  'alert.assigned',
  'note.mention',
  'incident.assigned',
  'incident.review_wanted',
  'incident.review_decided',
  'incident.glass_broken',
  'handover.waiting',
  'handover.accepted',
  'job.done',
];

export const kindsFor = (target: 'channel' | 'person'): readonly Kind[] =>
  KINDS.map(([kind]) => kind).filter((kind) => target === 'person' || !PERSONAL.includes(kind));

export const FORMATS: readonly (readonly [Format, string])[] = [
  ['generic', 'JSON, for a program'],
  ['slack', 'Slack'],
  ['teams', 'Microsoft Teams'],
  ['mattermost', 'Mattermost'],
];

export const formatLabel = (format: Format): string => FORMATS.find(([one]) => one === format)?.[1] ?? format;
