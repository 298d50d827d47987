import { expect, test } from 'vitest';
import { actionLabel, changedLabel, fieldLabel, pairOf, readingOf, verdictOf } from './entry';

const ID = '01a21dbb-15f4-7bab-8001-eee95a6de3f1';

test('actions and fields read as words', () => {
  expect(actionLabel('incident.review_asked_for')).toBe('Incident: review asked for');
  expect(fieldLabel('acknowledged_by_id')).toBe('Acknowledged by');
  expect(changedLabel({ status: [], assignee_id: [], closed_at: [], verdict: [], reason: [] })).toBe(
    'Status, assignee, closed and 2 more',
  );
});

test('values are shown by what they are', () => {
  expect(readingOf('assignee_id', ID)).toEqual({ as: 'person', text: ID });
  expect(readingOf('incident_id', ID)).toEqual({ as: 'id', text: ID });
  expect(readingOf('closed_at', '2026-11-27T15:59:03.567Z').as).toBe('moment');
  expect(readingOf('tags', ['a', 'b'])).toEqual({ as: 'text', text: 'a, b' });
  expect(readingOf('tags', [])).toEqual({ as: 'nothing' });
  expect(readingOf('required', false)).toEqual({ as: 'text', text: 'no' });
  expect(readingOf('fields', { a: 1 }).as).toBe('json');
});

test('what is no pair is what is now', () => {
  expect(pairOf(['new', 'closed'])).toEqual(['new', 'closed']);
  expect(pairOf({ shortened: true })).toEqual([undefined, { shortened: true }]);
});

test('a chain is whole or says where it is not', () => {
  const chain = {
    organization_id: 'o',
    whole: true,
    complete: true,
    entries: 1234,
    waiting: 0,
    head: 'ab',
    broken: null,
  };
  expect(verdictOf(chain)).toBe('It is whole: 1,234 entries, each sealed with the one before.');
  const broken = { id: null, sequence: 17, reason: 'the entry is another one than was sealed' };
  expect(verdictOf({ ...chain, whole: false, broken })).toBe(
    'It does not hold at entry 17: the entry is another one than was sealed.',
  );
});
