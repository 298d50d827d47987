import type { components } from '@/api/schema';
import { tagsOf } from '@/lib/tags';
import type { Template } from './queries';

/** What is filled in. */
export interface Form {
  organization: string;
  template: string;
  title: string;
  severity: string;
  tlp: components['schemas']['Tlp'];
  owner: string | null;
  summary: string;
  tags: string;
}

export const EMPTY: Form = {
  organization: '',
  template: '',
  title: '',
  severity: '3',
  tlp: 'amber',
  owner: null,
  summary: '',
  tags: '',
};

type Filled = Pick<Form, 'title' | 'severity' | 'tlp' | 'summary' | 'tags'>;

/** What a template begins with; of none, what an empty form does. */
const begunBy = (template: Template | undefined): Filled => ({
  title: template?.title ?? EMPTY.title,
  severity: String(template?.severity ?? EMPTY.severity),
  tlp: template?.tlp ?? EMPTY.tlp,
  summary: template?.summary ?? EMPTY.summary,
  tags: template?.tags.join(', ') ?? EMPTY.tags,
});

/** The form under another template: what was typed stays, what the one before began gives way. */
export function filledBy(form: Form, before: Template | undefined, next: Template | undefined): Form {
  const [was, is] = [begunBy(before), begunBy(next)];
  const kept = <K extends keyof Filled>(name: K): Filled[K] => (form[name] === was[name] ? is[name] : form[name]);
  return {
    ...form,
    template: next?.id ?? '',
    title: kept('title'),
    severity: kept('severity'),
    tlp: kept('tlp'),
    summary: kept('summary'),
    tags: kept('tags'),
  };
}

/** As the API takes it. A summary that the template began is left to the template, for it is none yet. */
export function bodyOf(form: Form, template: Template | undefined): components['schemas']['IncidentCreate'] {
  const summary = form.summary.trim();
  return {
    organization_id: form.organization || null,
    template_id: template?.id ?? null,
    title: form.title.trim(),
    severity: Number(form.severity),
    tlp: form.tlp,
    restricted: false,
    assignee_id: form.owner,
    tags: tagsOf(form.tags),
    ...(summary && summary !== template?.summary.trim() && { summary }),
  };
}
