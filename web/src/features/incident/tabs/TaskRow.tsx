import { ArrowDown, ArrowUp } from 'lucide-react';
import { api } from '@/api/client';
import { ifMatch } from '@/api/preconditions';
import { Person } from '@/domain/Person';
import { Age } from '@/domain/Time';
import { useNow } from '@/domain/useNow';
import { words } from '@/lib/format';
import { Button, IconButton } from '@/ui/Button';
import { Checkbox } from '@/ui/Checkbox';
import { Menu } from '@/ui/Menu';
import { Tag } from '@/ui/Tag';
import { useChange } from '../change';
import { useHere } from '../here';
import type { Task } from '../queries';
import { ended, overdue } from '../tasks';
import s from './TasksTab.module.css';

const STATUSES = ['open', 'in_progress', 'done', 'cancelled'] as const;
const MINUTE_MS = 60_000;

interface Props {
  task: Task;
  onOpen: () => void;
  onUp: (() => void) | undefined;
  onDown: (() => void) | undefined;
}

type Patch = (body: { status?: Task['status']; assignee_id?: string }, said?: string) => void;

/** One task. Alt and an arrow move it, as its buttons do. */
export function TaskRow({ task, onOpen, onUp, onDown }: Props) {
  const { incident, mayChange } = useHere();
  const now = useNow(MINUTE_MS);
  const change = useChange(incident.id);
  const params = { path: { incident_id: incident.id, task_id: task.id }, header: ifMatch(task.revision) };
  const patch: Patch = (body, said) =>
    change.mutate({ send: () => api.PATCH('/api/v1/incidents/{incident_id}/tasks/{task_id}', { params, body }), said });
  const done = task.status === 'done';
  return (
    <li
      className={s.task}
      data-ended={ended(task) ? '' : undefined}
      onKeyDown={(event) => {
        const act = event.altKey && mayChange && { ArrowUp: onUp, ArrowDown: onDown }[event.key];
        if (!act) return;
        event.preventDefault();
        act();
      }}
    >
      <Checkbox
        aria-label={done ? `Open again: ${task.title}` : `Done: ${task.title}`}
        checked={done}
        indeterminate={task.status === 'in_progress'}
        disabled={!mayChange || change.isPending}
        onChange={() => patch({ status: done ? 'open' : 'done' })}
      />
      <div className={s.what}>
        <button type="button" className={s.title} onClick={onOpen}>
          {task.title}
        </button>
        {task.required && <Tag tone={ended(task) ? undefined : 'warning'}>required</Tag>}
        {task.phase && <Tag>{task.phase}</Tag>}
        {task.due_at && !ended(task) && (
          <Tag tone={overdue(task, now) ? 'danger' : undefined}>
            {overdue(task, now) ? 'overdue ' : 'due '}
            <Age at={task.due_at} />
          </Tag>
        )}
      </div>
      <Person id={task.assignee_id} nobody="Nobody" />
      {mayChange ? (
        <Tools task={task} onPatch={patch} onOpen={onOpen} onUp={onUp} onDown={onDown} />
      ) : (
        <Tag>{words(task.status)}</Tag>
      )}
    </li>
  );
}

function Tools({ task, onPatch, onOpen, onUp, onDown }: Props & { onPatch: Patch }) {
  const { me } = useHere();
  return (
    <span className={s.tools}>
      <Menu
        trigger={
          <Button size="sm" aria-label={`Status: ${words(task.status)}. Change it`}>
            {words(task.status)}
          </Button>
        }
        items={[
          ...STATUSES.map((status) => ({
            label: words(status),
            chosen: status === task.status,
            onSelect: () => status !== task.status && onPatch({ status }),
          })),
          'line',
          {
            label: 'Take it',
            why: task.assignee_id === me ? 'It is yours already' : undefined,
            onSelect: () => onPatch({ assignee_id: me }, 'The task is yours'),
          },
          { label: 'Edit, assign, due…', onSelect: onOpen },
        ]}
      />
      <IconButton size="sm" label={`Move up: ${task.title}`} disabled={!onUp} onClick={onUp}>
        <ArrowUp size={12} aria-hidden="true" />
      </IconButton>
      <IconButton size="sm" label={`Move down: ${task.title}`} disabled={!onDown} onClick={onDown}>
        <ArrowDown size={12} aria-hidden="true" />
      </IconButton>
    </span>
  );
}
