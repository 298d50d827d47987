import { expect, test } from 'vitest';
import type { AlertDetail } from '../queries';
import { actionWords, changesOf, milestones } from './changes';

test('an entry of the audit is told in words, without what follows from it', () => {
  expect(actionWords('alert.severity_set')).toBe('Severity set');
  expect(changesOf({ severity: [3, 5], risk: [50, 90], tags: [[], ['a', 'b']], assignee_id: ['x', null] })).toEqual([
    { name: 'Severity', kind: 'text', before: 'Medium', after: 'Critical' },
    { name: 'Tags', kind: 'text', before: 'none', after: 'a, b' },
    { name: 'Assignee', kind: 'person', before: 'x', after: 'none' },
  ]);
});

test('an alert tells of its own life, the latest first', () => {
  const alert = {
    created_at: '2026-11-27T10:00:00Z',
    created_by_id: null,
    acknowledged_at: '2026-11-27T11:00:00Z',
    acknowledged_by_id: 'ann',
    resolved_at: null,
    closed_at: '2026-11-27T12:00:00Z',
    closed_by_id: 'ben',
    verdict: 'false_positive',
  } as AlertDetail;
  expect(milestones(alert).map((one) => [one.title, one.by])).toEqual([
    ['Closed as false positive', 'ben'],
    ['Acknowledged', 'ann'],
    ['Opened', null],
  ]);
});
