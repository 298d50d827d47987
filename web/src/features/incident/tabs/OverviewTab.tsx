import { useQuery } from '@tanstack/react-query';
import { Pencil } from 'lucide-react';
import { Reply } from '@/domain/Reply';
import { formatSpan } from '@/lib/format';
import { Button } from '@/ui/Button';
import { KeyValue } from '@/ui/KeyValue';
import { Lacking } from '../dialogs/Lacking';
import { type Field, fieldWords } from '../fields';
import { useHere } from '../here';
import { templateQuery } from '../lookups';
import { Part } from '../parts/Part';
import { Reviews } from './Reviews';
import { Summary } from './Summary';

/** What it is about, what closing still needs, and how long it took. */
export function OverviewTab() {
  const { incident, mayChange } = useHere();
  return (
    <>
      <Summary />
      {mayChange && incident.missing.length > 0 && <Lacking missing={incident.missing} onLeave={() => undefined} />}
      {incident.template_id && <Fields templateId={incident.template_id} />}
      <Measures />
      <Reviews />
    </>
  );
}

function Fields({ templateId }: { templateId: string }) {
  const { incident, mayChange, open } = useHere();
  const template = useQuery(templateQuery(templateId));
  return (
    <Part
      title="Fields"
      actions={
        mayChange && (
          <Button size="sm" onClick={() => open({ ask: 'fields' })}>
            <Pencil size={12} aria-hidden="true" />
            Edit
          </Button>
        )
      }
    >
      <Reply of={template} lines={2}>
        {({ fields }) =>
          fields.length === 0 ? (
            <span className="u-subtle">Its template asks for none.</span>
          ) : (
            <KeyValue
              facts={(fields as unknown as Field[]).map(({ name, label }) => [
                label,
                fieldWords(incident.fields[name]) || <span className="u-subtle">not said</span>,
              ])}
            />
          )
        }
      </Reply>
    </Part>
  );
}

function Measures() {
  const { incident } = useHere();
  const known = incident.measures.filter(({ seconds }) => seconds !== null);
  if (known.length === 0) return null;
  return (
    <Part title="How long it took">
      <KeyValue
        facts={known.map(({ label, formula, seconds }) => [
          label,
          <span key={label}>
            {formatSpan((seconds ?? 0) * 1_000)} <span className="u-subtle">{formula}</span>
          </span>,
        ])}
      />
    </Part>
  );
}
