import { expect, test } from 'vitest';
import { EMPTY, mistakes, moved, nameFor, newField, newTask, toBody, toForm } from './form';
import type { Template } from './queries';

const TEMPLATE: Template = {
  id: '01a21dbb-45b8-745e-987a-ba9cc9a271a8',
  organization_id: '01a21dba-fbd0-711a-b01e-bf8aa674e73b',
  name: 'Phishing',
  description: 'A mail that wants to be believed.',
  title: '',
  summary: '',
  severity: 5,
  tlp: null,
  pap: 'amber',
  tags: ['mail', 'people'],
  tasks: [{ phase: 'Analyse', title: 'Find who else got it', required: true, description: '' }],
  fields: [{ kind: 'choice', name: 'vector', label: 'Vector', choices: ['mail', 'chat'], required: true }],
  retired_at: null,
  revision: 1,
  created_at: '2026-11-27T15:59:02Z',
  updated_at: '2026-11-27T15:59:02Z',
};

test('a template that nobody touches is written as it was', () => {
  const { name, description, title, summary, severity, tlp, pap, tags, tasks, fields } = TEMPLATE;
  const written = { name, description, title, summary, severity, tlp, pap, tags, tasks, fields };
  expect(toBody(toForm(TEMPLATE))).toEqual(written);
});

test('what is missing is named as the API would', () => {
  const fields = [
    { ...newField(), label: 'A', name: 'a' },
    { ...newField(), label: 'B', name: 'a' },
    { ...newField(), label: 'C', name: 'C', kind: 'choices' as const },
  ];
  expect([...mistakes({ ...EMPTY, tasks: [newTask()], fields }).keys()]).toEqual([
    'name',
    'tasks/0/title',
    'fields/1/name',
    'fields/2/name',
    'fields/2/choices',
  ]);
});

test('rows are moved up and down, and not beyond the ends', () => {
  expect(moved(['a', 'b', 'c'], 1, -1)).toEqual(['b', 'a', 'c']);
  expect(moved(['a', 'b', 'c'], 1, 1)).toEqual(['a', 'c', 'b']);
  expect(moved(['a', 'b'], 0, -1)).toEqual(['a', 'b']);
  expect(moved(['a', 'b'], 1, 1)).toEqual(['a', 'b']);
});

test('a label makes a name that the API takes', () => {
  expect(nameFor('Mailboxes taken over')).toBe('mailboxes_taken_over');
  expect(nameFor('2. Größe (kB)')).toBe('gro_e_kb');
});
