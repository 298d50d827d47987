import { expect, test } from 'vitest';
import type { Task } from './queries';
import { moved, overdue } from './tasks';

const task = (id: string, position: number): Task =>
  ({ id, position, status: 'open', due_at: null, title: id, revision: 1 }) as Task;
const places = (tasks: Task[], id: string, step: -1 | 1) =>
  moved(tasks, id, step).map((one) => [one.task.id, one.position]);

test('two neighbours change places, and nothing else is written', () => {
  const tasks = [task('a', 0), task('b', 3), task('c', 7)];
  expect(places(tasks, 'c', -1)).toEqual([
    ['c', 3],
    ['b', 7],
  ]);
  expect(places(tasks, 'a', 1)).toEqual([
    ['b', 0],
    ['a', 3],
  ]);
});

test('where places are shared all are numbered through', () => {
  expect(places([task('a', 0), task('b', 0), task('c', 1)], 'b', 1)).toEqual([['b', 2]]);
  expect(places([task('a', 2), task('b', 2)], 'b', -1)).toEqual([['a', 3]]);
});

test('nothing is moved beyond the ends', () => {
  expect(moved([task('a', 0)], 'a', -1)).toEqual([]);
  expect(moved([task('a', 0)], 'a', 1)).toEqual([]);
});

test('what is done is never overdue', () => {
  const due = { status: 'open', due_at: '2026-01-01T00:00:00Z' } as const;
  expect(overdue(due, Date.parse('2026-01-02T00:00:00Z'))).toBe(true);
  expect(overdue(due, Date.parse('2025-12-31T00:00:00Z'))).toBe(false);
  expect(overdue({ ...due, status: 'done' }, Date.parse('2026-01-02T00:00:00Z'))).toBe(false);
});
