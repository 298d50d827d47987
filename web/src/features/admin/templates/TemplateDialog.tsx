import { useQuery } from '@tanstack/react-query';
import { type ReactNode, useState } from 'react';
import { asApiError } from '@/api/problem';
import { DialogForm } from '@/domain/dialogs/FormDialog';
import { Leaving } from '@/domain/Leaving';
import { Meanwhile } from '@/domain/Meanwhile';
import { OrganizationField, useOrganizations } from '@/domain/OrganizationField';
import { Reply } from '@/domain/Reply';
import { useDraft } from '@/lib/useDraft';
import { Banner } from '@/ui/Banner';
import { Dialog } from '@/ui/Dialog';
import { Stack } from '@/ui/Page';
import { EMPTY, mistakes, nameOf, type TemplateForm, toBody, toForm, told } from './form';
import { type Template, templateQuery, useCreateTemplate, useWriteTemplate } from './queries';
import { TemplateFields } from './TemplateFields';
import s from './TemplateFields.module.css';

interface Props {
  onLeave: () => void;
  /** Without asking whether what is not saved may go. */
  onDone: () => void;
}

/** A new template. */
export function NewTemplateDialog({ onLeave, onDone }: Props) {
  const creating = useCreateTemplate();
  const draft = useDraft<TemplateForm>(EMPTY, 0);
  const [home, setHome] = useState(useOrganizations('incidents:configure')[0]?.organization_id ?? '');
  return (
    <Dialog size="side" title="Create template" onLeave={onLeave}>
      <Leaving unsaved={draft.dirty} what="the template" />
      <Form
        draft={draft}
        error={creating.error}
        busy={creating.isPending}
        verb="Create template"
        onSave={(body) => creating.mutate({ ...body, organization_id: home }, { onSuccess: onDone })}
        onLeave={onLeave}
      >
        <OrganizationField permission="incidents:configure" value={home} onChange={setHome} />
      </Form>
    </Dialog>
  );
}

/** A template that there is. */
export function TemplateDialog({ id, onLeave, onDone }: Props & { id: string }) {
  const template = useQuery(templateQuery(id));
  return (
    <Dialog size="side" title={template.data?.name ?? 'Template'} onLeave={onLeave}>
      <Reply of={template}>{(data) => <Existing template={data} onLeave={onLeave} onDone={onDone} />}</Reply>
    </Dialog>
  );
}

function Existing({ template, onLeave, onDone }: Props & { template: Template }) {
  const writing = useWriteTemplate(template.id);
  const draft = useDraft(toForm(template), template.revision);
  const stale = writing.error && asApiError(writing.error).status === 412;
  return (
    <>
      <Leaving unsaved={draft.dirty} what={template.name} />
      {template.retired_at !== null && <Banner>It is retired: offered no longer, and as it was.</Banner>}
      <Meanwhile
        changes={draft.meanwhile}
        line={({ path, before, after }) => ({
          name: nameOf(path),
          before: told(path, before),
          after: told(path, after),
        })}
      />
      <Form
        draft={draft}
        error={stale ? null : writing.error}
        busy={writing.isPending}
        verb="Save template"
        readOnly={template.retired_at !== null}
        onSave={(body) => writing.mutate({ body, revision: template.revision }, { onSuccess: onDone })}
        onLeave={onLeave}
      />
    </>
  );
}

interface FormProps {
  draft: ReturnType<typeof useDraft<TemplateForm>>;
  error: unknown;
  busy: boolean;
  verb: string;
  readOnly?: boolean;
  onSave: (body: ReturnType<typeof toBody>) => void;
  onLeave: () => void;
  children?: ReactNode;
}

function Form({ draft, error, busy, verb, readOnly = false, onSave, onLeave, children }: FormProps) {
  const [tried, setTried] = useState(false);
  const missing = mistakes(draft.value);
  const refused = error ? asApiError(error).fields : new Map<string, string>();
  const wrong = new Map([...refused, ...(tried ? missing : [])]);
  function submit() {
    setTried(true);
    if (missing.size === 0) onSave(toBody(draft.value));
  }
  return (
    <DialogForm
      noValidate
      verb={readOnly ? undefined : verb}
      busy={busy}
      error={error}
      shown={[...refused.keys()].filter((one) => one !== 'tags')}
      ready={draft.dirty}
      onSubmit={submit}
      onLeave={onLeave}
    >
      <fieldset disabled={readOnly} className={s.body}>
        <Stack>
          {children}
          <TemplateFields value={draft.value} wrong={wrong} onChange={draft.change} />
        </Stack>
      </fieldset>
      {tried && missing.size > 0 && (
        <Banner tone="danger">
          {missing.size === 1 ? 'One thing above is missing' : `${missing.size} things above are missing`} or wrong.
        </Banner>
      )}
    </DialogForm>
  );
}
