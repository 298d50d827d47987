import { type FormEvent, useRef, useState } from 'react';
import { api } from '@/api/client';
import { ifMatch } from '@/api/preconditions';
import { Reply } from '@/domain/Reply';
import { Button } from '@/ui/Button';
import { TextField } from '@/ui/Field';
import { State } from '@/ui/State';
import { useChange } from '../change';
import { useHere, useKept, useWriting } from '../here';
import { usePages } from '../parts/usePages';
import { type Task, tasksQuery } from '../queries';
import { moved } from '../tasks';
import { TaskDialog } from './TaskDialog';
import { TaskRow } from './TaskRow';
import s from './TasksTab.module.css';

/** What is to be done, in its order. */
export function TasksTab() {
  const { incident, mayChange } = useHere();
  const { rows, reply, more } = usePages(tasksQuery(incident.id));
  const [open, setOpen] = useState<string | null>(null);
  const change = useChange(incident.id);
  const opened = rows.find(({ id }) => id === open);
  const move = (task: Task, step: -1 | 1) =>
    change.mutate({
      send: async () => {
        for (const { task: one, position } of moved(rows, task.id, step)) {
          const path = { incident_id: incident.id, task_id: one.id };
          await api.PATCH('/api/v1/incidents/{incident_id}/tasks/{task_id}', {
            params: { path, header: ifMatch(one.revision) },
            body: { position },
          });
        }
      },
    });
  return (
    <>
      {mayChange && <Adder />}
      <Reply of={reply} lines={4}>
        {() =>
          rows.length === 0 ? (
            <State title="No tasks">
              {mayChange ? 'Write down what is to be done, and give it to somebody.' : 'Nothing is to be done.'}
            </State>
          ) : (
            <ol className={s.tasks} aria-busy={change.isPending || undefined}>
              {rows.map((task, at) => (
                <TaskRow
                  key={task.id}
                  task={task}
                  onOpen={() => setOpen(task.id)}
                  onUp={at > 0 ? () => move(task, -1) : undefined}
                  onDown={at < rows.length - 1 ? () => move(task, 1) : undefined}
                />
              ))}
            </ol>
          )
        }
      </Reply>
      {more && (
        <Button size="sm" busy={more.busy} onClick={more.load}>
          Show more
        </Button>
      )}
      {opened && <TaskDialog key={opened.id} task={opened} onLeave={() => setOpen(null)} />}
    </>
  );
}

function Adder() {
  const { incident } = useHere();
  const [title, setTitle] = useKept('new task', '');
  const change = useChange(incident.id);
  const place = useRef<HTMLFormElement>(null);
  useWriting('tasks', place);
  function submit(event: FormEvent) {
    event.preventDefault();
    const send = () =>
      api.POST('/api/v1/incidents/{incident_id}/tasks', {
        params: { path: { incident_id: incident.id } },
        body: { title: title.trim(), description: '', phase: '', required: false },
      });
    // The next one may be typed meanwhile: what was sent makes room at once, and comes back where it was refused.
    const restore = () => !place.current?.querySelector('input')?.value && setTitle(title);
    change.mutate({ send, said: `Added the task ${title.trim()}` }, { onError: restore });
    setTitle('');
  }
  return (
    <form ref={place} className={s.adder} onSubmit={submit}>
      <TextField
        label="New task"
        placeholder="What is to be done?"
        value={title}
        required
        maxLength={200}
        readOnly={change.isPending}
        onChange={(event) => setTitle(event.target.value)}
        onKeyDown={(event) => event.key === 'Escape' && event.currentTarget.blur()}
      />
      <Button type="submit" variant="primary" size="lg" busy={change.isPending} disabled={!title.trim()}>
        Add task
      </Button>
    </form>
  );
}
