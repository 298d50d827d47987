import { Checkbox } from '@/ui/Checkbox';
import { TextArea, TextField } from '@/ui/Field';
import { newTask, type TaskForm } from './form';
import { Rows } from './Rows';
import s from './TemplateFields.module.css';

interface Props {
  value: TaskForm[];
  wrong: ReadonlyMap<string, string>;
  onChange: (value: TaskForm[]) => void;
}

/** The tasks that each incident begins with, in their order. */
export function TaskRows({ value, wrong, onChange }: Props) {
  return (
    <Rows
      title="Tasks"
      help="Each incident begins with these, in this order. Closing needs those that are required."
      what="task"
      rows={value}
      most={100}
      onChange={onChange}
      onAdd={newTask}
    >
      {(row, at, change) => (
        <>
          <div className={s.task}>
            <TextField
              label="Task"
              autoFocus={row.key.startsWith('new')}
              maxLength={200}
              value={row.title}
              error={wrong.get(`tasks/${at}/title`)}
              onChange={(event) => change({ title: event.target.value })}
            />
            <TextField
              label="Phase"
              maxLength={64}
              placeholder="none"
              value={row.phase}
              error={wrong.get(`tasks/${at}/phase`)}
              onChange={(event) => change({ phase: event.target.value })}
            />
          </div>
          <TextArea
            label="How"
            rows={row.description ? 3 : 1}
            maxLength={20_000}
            value={row.description}
            error={wrong.get(`tasks/${at}/description`)}
            onChange={(event) => change({ description: event.target.value })}
          />
          <label className={s.check}>
            <Checkbox checked={row.required} onChange={(event) => change({ required: event.target.checked })} />
            Required
          </label>
        </>
      )}
    </Rows>
  );
}
