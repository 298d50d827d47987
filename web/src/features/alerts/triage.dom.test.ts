import { expect, test } from 'vitest';
import type { Alert } from './queries';
import { undoing } from './triage';

const alert = { assignee_id: 'ann', tags: ['vip', 'lab'] } as Alert;

test('what is taken back puts the alert as it was, and no more', () => {
  expect(undoing(alert, { do: 'assign', to: null })).toEqual({ do: 'assign', to: 'ann' });
  expect(undoing(alert, { do: 'tag', add: ['vip', 'new'], remove: ['lab', 'none'] })).toEqual({
    do: 'tag',
    add: ['lab'],
    remove: ['new'],
  });
  expect(undoing(alert, { do: 'close', verdict: 'false_positive', reason: 'x', note: null })).toEqual({
    do: 'reopen',
  });
  expect(undoing(alert, { do: 'acknowledge' })).toBeUndefined();
});
