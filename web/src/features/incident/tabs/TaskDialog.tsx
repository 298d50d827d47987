import { useState } from 'react';
import { api } from '@/api/client';
import { ifMatch } from '@/api/preconditions';
import { FormDialog, given } from '@/domain/dialogs/FormDialog';
import { usePeopleOf } from '@/domain/people';
import { useZoneLabel } from '@/domain/Time';
import { words } from '@/lib/format';
import { useLook } from '@/lib/look';
import { fieldOf, formatMoment, momentOf } from '@/lib/zone';
import { Combobox } from '@/ui/Combobox';
import { TextArea, TextField } from '@/ui/Field';
import { Select } from '@/ui/Select';
import { Switch } from '@/ui/Switch';
import { useChange } from '../change';
import { useHere } from '../here';
import { Others } from '../parts/Others';
import type { Task, TaskUpdate } from '../queries';

const STATUSES = ['open', 'in_progress', 'done', 'cancelled'] as const;
const NAMES = ['title', 'description', 'phase', 'status', 'required', 'due_at', 'assignee_id'] as const;

/** All of a task. Only what was changed here is sent, so that nothing of what others change meanwhile is undone. */
export function TaskDialog({ task, onLeave }: { task: Task; onLeave: () => void }) {
  const { incident, mayChange } = useHere();
  const { zone } = useLook();
  const label = useZoneLabel();
  const people = usePeopleOf(incident.organization_id);
  const [base] = useState(task);
  const [assignee, setAssignee] = useState(task.assignee_id);
  const change = useChange(incident.id, { onDone: onLeave, inPlace: true });
  const due = base.due_at ? fieldOf(base.due_at, zone) : '';

  function save(form: FormData) {
    const body = changed(form, base, assignee, zone);
    const params = { path: { incident_id: incident.id, task_id: task.id }, header: ifMatch(task.revision) };
    change.mutate({
      send: () => api.PATCH('/api/v1/incidents/{incident_id}/tasks/{task_id}', { params, body }),
      said: 'Saved the task',
    });
  }
  return (
    <FormDialog
      size="lg"
      title="Task"
      verb="Save"
      busy={change.isPending}
      error={change.error}
      why={mayChange ? undefined : 'The incident takes no changes now'}
      onLeave={onLeave}
      onSubmit={save}
    >
      <Others now={others(base, task, zone, (id) => people.find((one) => one.value === id)?.label ?? id)} />
      <TextField label="Title" name="title" defaultValue={base.title} required maxLength={200} />
      <TextArea label="Description" name="description" defaultValue={base.description} rows={4} maxLength={20_000} />
      <Select
        label="Status"
        name="status"
        defaultValue={base.status}
        options={STATUSES.map((status) => [status, words(status)])}
      />
      <Combobox label="Owner" choices={people} value={assignee} onChange={setAssignee} placeholder="Nobody" />
      <TextField type="datetime-local" label={`Due (${label})`} name="due" defaultValue={due} />
      <TextField
        label="Phase"
        name="phase"
        defaultValue={base.phase}
        maxLength={64}
        help="Such as Analyse or Contain."
      />
      <Switch
        label="Required"
        help="It has to be done, or cancelled, before the incident is closed."
        name="required"
        defaultChecked={base.required}
      />
    </FormDialog>
  );
}

/** What of the form is another than when it was opened. */
function changed(form: FormData, base: Task, assignee: string | null, zone: string): TaskUpdate {
  const text = (name: string) => given(form, name);
  const due = base.due_at ? fieldOf(base.due_at, zone) : '';
  return {
    ...(text('title') !== base.title && { title: text('title') }),
    ...(text('description') !== base.description && { description: text('description') }),
    ...(text('phase') !== base.phase && { phase: text('phase') }),
    ...(text('status') !== base.status && { status: text('status') as Task['status'] }),
    ...((form.get('required') !== null) !== base.required && { required: !base.required }),
    ...(text('due') !== due && { due_at: momentOf(text('due'), zone) ?? null }),
    ...(assignee !== base.assignee_id && { assignee_id: assignee }),
  };
}

/** What of it is another than when it was opened, in words. */
function others(base: Task, task: Task, zone: string, called: (id: string) => string): [string, string][] {
  return NAMES.filter((name) => base[name] !== task[name]).map((name) => {
    const value = String(task[name] ?? '');
    const said =
      name === 'due_at' && value ? formatMoment(value, zone) : name === 'assignee_id' ? called(value) : value;
    return [words(name.replace(/_(at|id)$/, '')), said];
  });
}
