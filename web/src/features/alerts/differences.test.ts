import { expect, test } from 'vitest';
import { differences } from './differences';

const alert = {
  status: 'new',
  severity: 3,
  assignee_id: null,
  verdict: null,
  reason: null,
  tags: [] as string[],
} as const;

test('only what differs is told, with what it was', () => {
  const after = { ...alert, status: 'closed', assignee_id: 'u1', verdict: 'false_positive', tags: ['a', 'b'] } as const;
  expect(differences({ ...alert, tags: [] }, { ...after, tags: ['a', 'b'] }, () => 'Ari')).toEqual([
    'status is Closed (was New)',
    'assignee is Ari (was none)',
    'verdict is False positive (was none)',
    'tags are a, b (were none)',
  ]);
});

test('events that fold into it are no change', () => {
  expect(differences({ ...alert, tags: [] }, { ...alert, tags: [] }, String)).toEqual([]);
});
