import { expect, test } from 'vitest';
import { bodyOf, EMPTY, filledBy } from './form';
import type { Template } from './queries';

const template: Template = {
  id: 't1',
  organization_id: 'o1',
  name: 'Phishing',
  description: '',
  title: 'Phishing mail',
  severity: 4,
  tlp: 'green',
  pap: null,
  summary: 'Who got it?',
  tags: ['phishing'],
  tasks: [],
  fields: [],
  retired_at: null,
  revision: 1,
  created_at: '2026-11-27T10:00:00Z',
  updated_at: '2026-11-27T10:00:00Z',
};

test('a template fills in what nobody has typed, and takes back what it began', () => {
  const typed = { ...EMPTY, title: 'Mail to finance' };
  const filled = filledBy(typed, undefined, template);
  expect(filled).toMatchObject({ title: 'Mail to finance', severity: '4', tlp: 'green', tags: 'phishing' });
  expect(filledBy(filled, template, undefined)).toEqual(typed);
});

test('a summary that is the template’s is not sent as somebody’s own', () => {
  const form = filledBy({ ...EMPTY, title: 'x' }, undefined, template);
  expect(bodyOf(form, template)).not.toHaveProperty('summary');
  expect(bodyOf({ ...form, summary: 'Finance got it.' }, template)).toMatchObject({
    summary: 'Finance got it.',
    tags: ['phishing'],
    template_id: 't1',
  });
});
