import type { Task } from './queries';

/** One place in the order for each task, after one of them was moved by so many places: those whose position changes. */
export function moved(tasks: readonly Task[], id: string, step: -1 | 1): { task: Task; position: number }[] {
  const from = tasks.findIndex((task) => task.id === id);
  const to = from + step;
  const [one, other] = [tasks[from], tasks[to]];
  if (!one || !other) return [];
  const order = [...tasks];
  order[from] = other;
  order[to] = one;
  // Tasks may share a position, as those that came by a merge: all before the two are numbered through then.
  const first = tasks[0]?.position ?? 0;
  const distinct = tasks.every((task, at) => at === 0 || task.position > (tasks[at - 1]?.position ?? -1));
  return order
    .map((task, at) => ({ task, position: distinct ? (tasks[at]?.position ?? at) : first + at }))
    .filter(({ task, position }) => task.position !== position);
}

/** Whether there is nothing more to do for it. */
export const ended = ({ status }: Pick<Task, 'status'>): boolean => status === 'done' || status === 'cancelled';

/** Whether it should have been done by now. */
export const overdue = (task: Pick<Task, 'status' | 'due_at'>, now: number): boolean =>
  !ended(task) && task.due_at !== null && new Date(task.due_at).getTime() < now;
