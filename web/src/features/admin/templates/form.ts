import type { components } from '@/api/schema';
import { words } from '@/lib/format';
import { tagsOf } from '@/lib/tags';
import type { Template, TemplateWrite } from './queries';

type Task = components['schemas']['TaskOfTemplate'];
type Field = components['schemas']['FieldOfTemplate'];
export type FieldKind = Field['kind'];

/** A row keeps its key while it is moved, so that what is typed in it stays with it. */
export interface TaskForm {
  key: string;
  title: string;
  description: string;
  phase: string;
  required: boolean;
}

export interface FieldForm {
  key: string;
  name: string;
  label: string;
  kind: FieldKind;
  required: boolean;
  /** One a line. */
  choices: string;
}

/** A template as it is typed. */
export interface TemplateForm {
  name: string;
  description: string;
  title: string;
  summary: string;
  severity: string;
  tlp: string;
  pap: string;
  tags: string;
  tasks: TaskForm[];
  fields: FieldForm[];
}

export const KINDS: readonly (readonly [FieldKind, string])[] = [
  ['text', 'Text'],
  ['number', 'Number'],
  ['boolean', 'Yes or no'],
  ['date', 'Date'],
  ['choice', 'One of several'],
  ['choices', 'Some of several'],
];

let made = 0;
const newKey = () => `new-${++made}`;

export const newTask = (): TaskForm => ({ key: newKey(), title: '', description: '', phase: '', required: false });
export const newField = (): FieldForm => ({
  key: newKey(),
  name: '',
  label: '',
  kind: 'text',
  required: false,
  choices: '',
});

export const EMPTY: TemplateForm = {
  name: '',
  description: '',
  title: '',
  summary: '',
  severity: '',
  tlp: '',
  pap: '',
  tags: '',
  tasks: [],
  fields: [],
};

export function toForm(template: Template): TemplateForm {
  const { name, description, title, summary, tlp, pap, tags } = template;
  const tasks = template.tasks as unknown as Task[];
  const fields = template.fields as unknown as Field[];
  return {
    name,
    description,
    title,
    summary,
    severity: String(template.severity ?? ''),
    tlp: tlp ?? '',
    pap: pap ?? '',
    tags: tags.join(', '),
    tasks: tasks.map((task, at) => ({
      key: `task-${at}`,
      title: task.title,
      description: task.description ?? '',
      phase: task.phase ?? '',
      required: task.required ?? false,
    })),
    fields: fields.map((field, at) => ({
      key: `field-${at}`,
      name: field.name,
      label: field.label,
      kind: field.kind,
      required: field.required ?? false,
      choices: (field.choices ?? []).join('\n'),
    })),
  };
}

const linesOf = (text: string): string[] => [
  ...new Set(
    text
      .split('\n')
      .map((one) => one.trim())
      .filter(Boolean),
  ),
];

const hasChoices = (kind: FieldKind) => kind === 'choice' || kind === 'choices';

export function toBody(form: TemplateForm): TemplateWrite {
  const { name, description, title, summary } = form;
  return {
    name: name.trim(),
    description,
    title: title.trim(),
    summary,
    severity: form.severity === '' ? null : Number(form.severity),
    tlp: (form.tlp || null) as TemplateWrite['tlp'] & {},
    pap: (form.pap || null) as TemplateWrite['pap'] & {},
    tags: tagsOf(form.tags),
    tasks: form.tasks.map(({ key: _, ...task }) => ({ ...task, title: task.title.trim(), phase: task.phase.trim() })),
    fields: form.fields.map(({ key: _, choices, ...field }) => ({
      ...field,
      label: field.label.trim(),
      choices: hasChoices(field.kind) ? linesOf(choices) : [],
    })),
  };
}

const FIELD_NAME = /^[a-z][a-z0-9_]{0,62}$/;

/** What is wrong where, by path as the API names it: `tasks/0/title`. */
export function mistakes(form: TemplateForm): Map<string, string> {
  const wrong = new Map<string, string>();
  if (!form.name.trim()) wrong.set('name', 'It needs a name.');
  form.tasks.forEach((task, at) => {
    if (!task.title.trim()) wrong.set(`tasks/${at}/title`, 'What is to be done?');
  });
  form.fields.forEach((field, at) => {
    if (!field.label.trim()) wrong.set(`fields/${at}/label`, 'What is it called?');
    if (!FIELD_NAME.test(field.name)) wrong.set(`fields/${at}/name`, 'Small letters, digits and _, a letter first.');
    else if (form.fields.findIndex((one) => one.name === field.name) !== at)
      wrong.set(`fields/${at}/name`, 'There is a field of this name already.');
    if (hasChoices(field.kind) && linesOf(field.choices).length === 0)
      wrong.set(`fields/${at}/choices`, 'Name what can be chosen.');
  });
  return wrong;
}

/** The same list with one row at another place. */
export function moved<T>(list: readonly T[], from: number, step: -1 | 1): T[] {
  const to = from + step;
  const row = list[from];
  if (row === undefined || to < 0) return [...list];
  const others = list.toSpliced(from, 1);
  return others.toSpliced(to, 0, row);
}

/** What a field of incidents may be called: `Mailboxes taken over` as `mailboxes_taken_over`. */
export function nameFor(label: string): string {
  return label
    .toLowerCase()
    .normalize('NFKD')
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^[^a-z]+|_+$/g, '')
    .slice(0, 63);
}

/** How a value of the form is told among changes. */
export function told(path: string, value: unknown): string {
  if (Array.isArray(value)) {
    const names = (value as (TaskForm | FieldForm)[]).map((one) => ('title' in one ? one.title : one.label));
    return names.map((name, at) => `${at + 1}. ${name}`).join('\n');
  }
  if (path === 'tlp' || path === 'pap') return String(value).toUpperCase();
  return String(value ?? '');
}

export const nameOf = (path: string): string => (path === 'tlp' || path === 'pap' ? path.toUpperCase() : words(path));
