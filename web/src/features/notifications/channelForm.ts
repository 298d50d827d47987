import type { ChannelCreate, ChannelUpdate } from './changes';
import type { Format } from './kinds';
import type { Channel } from './queries';

/** A channel as it is typed. What is secret begins empty: it is never shown again. */
export interface ChannelForm {
  kind: 'email' | 'webhook';
  name: string;
  /** An address a line. */
  to: string;
  format: Format;
  url: string;
  key: string;
}

export const NEW: ChannelForm = { kind: 'email', name: '', to: '', format: 'slack', url: '', key: '' };

export const toForm = (channel: Channel): ChannelForm => ({
  kind: channel.kind,
  name: channel.name,
  to: (channel.to ?? []).join('\n'),
  format: channel.format ?? 'generic',
  url: '',
  key: '',
});

const addresses = (text: string): string[] => [...new Set(text.split(/[\s,;]+/).filter(Boolean))];

export function toCreate(form: ChannelForm, organizationId: string): ChannelCreate {
  const name = form.name.trim();
  if (form.kind === 'email') return { kind: 'email', name, to: addresses(form.to), organization_id: organizationId };
  const { format, url, key } = form;
  return { kind: 'webhook', name, format, url: url.trim(), key: key || null, organization_id: organizationId };
}

/** What is left empty of secrets stays as it is. */
export function toUpdate(form: ChannelForm): ChannelUpdate {
  const name = form.name.trim();
  if (form.kind === 'email') return { name, to: addresses(form.to) };
  const { format, url, key } = form;
  return { name, format, ...(url.trim() && { url: url.trim() }), ...(key && { key }) };
}

const LEAST_KEY = 16;

/** What keeps it from being saved, by field. */
export function mistakes(form: ChannelForm, isNew: boolean): Map<string, string> {
  const wrong = new Map<string, string>();
  if (!form.name.trim()) wrong.set('name', 'It needs a name.');
  if (form.kind === 'email') {
    const to = addresses(form.to);
    if (to.length === 0) wrong.set('to', 'Who is written to?');
    else if (to.length > 20) wrong.set('to', 'Twenty at most: a mailing list takes more.');
    const odd = to.find((one) => !/^[^@\s]+@[^@\s]+$/.test(one));
    if (odd) wrong.set('to', `This is no e-mail address: ${odd}`);
  } else {
    if (isNew && !form.url.trim()) wrong.set('url', 'Where is it called?');
    else if (form.url.trim() && !/^https?:\/\/\S+$/.test(form.url.trim())) wrong.set('url', 'It begins with https://');
    if (form.key && form.key.length < LEAST_KEY) wrong.set('key', `${LEAST_KEY} characters at least.`);
  }
  return wrong;
}
