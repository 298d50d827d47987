import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useRef, useState } from 'react';
import { api, read } from '@/api/client';
import { asApiError } from '@/api/problem';
import { FormDialog } from '@/domain/dialogs/FormDialog';
import { MarkdownField } from '@/domain/Markdown';
import { OrganizationField, useOrganizations } from '@/domain/OrganizationField';
import { usePeopleOf } from '@/domain/people';
import { SEVERITY_CHOICES } from '@/domain/severities';
import { TLP_CHOICES } from '@/domain/tlps';
import { Combobox } from '@/ui/Combobox';
import { TextField } from '@/ui/Field';
import { Columns } from '@/ui/Page';
import { Select } from '@/ui/Select';
import { say } from '@/ui/toast';
import { bodyOf, EMPTY, type Form, filledBy } from './form';
import { type Template, templatesQuery } from './queries';

const SHOWN = ['title', 'tags', 'summary'];

/** Opens an incident, of a template or of nothing, and then its page. */
export function NewIncident({ onLeave }: { onLeave: () => void }) {
  const [home] = useOrganizations('incidents:write');
  const [form, setForm] = useState<Form>({ ...EMPTY, organization: home?.organization_id ?? '' });
  const put = (patch: Partial<Form>) => setForm((before) => ({ ...before, ...patch }));
  const templates = useQuery(templatesQuery);
  const offered = (templates.data ?? []).filter((one) => one.organization_id === form.organization);
  const template = offered.find((one) => one.id === form.template);
  const create = useOpening(form, template);
  const wrong = create.error ? asApiError(create.error).fields : undefined;
  return (
    <FormDialog
      title="New incident"
      size="lg"
      verb="Open incident"
      busy={create.isPending}
      error={create.error}
      shown={SHOWN}
      ready={form.title.trim() !== ''}
      onSubmit={() => create.mutate()}
      onLeave={onLeave}
    >
      <OrganizationField
        permission="incidents:write"
        value={form.organization}
        onChange={(organization) => setForm({ ...form, organization, template: '', owner: null })}
      />
      {offered.length > 0 && (
        <Select
          label="Template"
          value={form.template}
          options={[['', 'None'], ...offered.map((one) => [one.id, one.name] as const)]}
          help={template?.description || undefined}
          onChange={(event) => {
            const next = offered.find((one) => one.id === event.target.value);
            setForm(filledBy(form, template, next));
          }}
        />
      )}
      <TextField
        label="Title"
        value={form.title}
        required
        maxLength={500}
        autoFocus
        error={wrong?.get('title')}
        onChange={(event) => put({ title: event.target.value })}
      />
      <Judgement form={form} put={put} wrong={wrong?.get('tags')} />
      <MarkdownField
        label="Summary"
        value={form.summary}
        rows={6}
        error={wrong?.get('summary')}
        onChange={(summary) => put({ summary })}
      />
      {template && template.tasks.length > 0 && (
        <p className="u-subtle">
          It begins with {template.tasks.length === 1 ? 'one task' : `${template.tasks.length} tasks`} of the template.
        </p>
      )}
    </FormDialog>
  );
}

interface JudgementProps {
  form: Form;
  put: (patch: Partial<Form>) => void;
  /** What is wrong with its tags. */
  wrong: string | undefined;
}

/** How bad it is, who may know of it, whose it is, and what it has in common with others. */
function Judgement({ form, put, wrong }: JudgementProps) {
  const people = usePeopleOf(form.organization);
  return (
    <Columns kind="fields">
      <Select
        label="Severity"
        value={form.severity}
        options={SEVERITY_CHOICES}
        onChange={(event) => put({ severity: event.target.value })}
      />
      <Select
        label="TLP"
        value={form.tlp}
        options={TLP_CHOICES}
        help={form.tlp === 'red' ? 'Only its members will see it, and its alerts.' : undefined}
        onChange={(event) => put({ tlp: event.target.value as Form['tlp'] })}
      />
      <Combobox
        label="Owner"
        choices={people}
        value={form.owner}
        onChange={(owner) => put({ owner })}
        placeholder="Nobody yet"
      />
      <TextField
        label="Tags"
        value={form.tags}
        placeholder="phishing, finance"
        error={wrong}
        onChange={(event) => put({ tags: event.target.value })}
      />
    </Columns>
  );
}

/** Opens it, and then its page. */
function useOpening(form: Form, template: Template | undefined) {
  const navigate = useNavigate();
  const client = useQueryClient();
  const keyOf = useKey();
  return useMutation({
    mutationFn: () => {
      const body = bodyOf(form, template);
      return read(api.POST('/api/v1/incidents', { body, params: { header: { 'Idempotency-Key': keyOf(body) } } }));
    },
    onSuccess: (made) => {
      say({ title: `Opened: #${made.number} ${made.title}` });
      void client.invalidateQueries({ queryKey: ['incidents'], refetchType: 'none' });
      void navigate({ to: '/incidents/$incidentId', params: { incidentId: made.id } });
    },
  });
}

/** The same request has the same name, so that it is done once, however often it is sent; another one has its own. */
function useKey() {
  const kept = useRef({ said: '', key: '' });
  return (body: unknown) => {
    const said = JSON.stringify(body);
    if (kept.current.said !== said) kept.current = { said, key: crypto.randomUUID() };
    return kept.current.key;
  };
}
