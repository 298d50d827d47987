import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { asApiError } from '@/api/problem';
import { closeReasonsQuery } from '@/domain/dialogs/queries';
import { Reply } from '@/domain/Reply';
import { useMay } from '@/domain/session';
import { VERDICTS, type Verdict } from '@/domain/verdict';
import { words } from '@/lib/format';
import { Button } from '@/ui/Button';
import { ConfirmDialog } from '@/ui/Dialog';
import { TextField } from '@/ui/Field';
import { Columns, Section } from '@/ui/Page';
import { Tag } from '@/ui/Tag';
import { type Reason, useAddReason, useRetireReason } from './queries';
import s from './Reasons.module.css';

/** Why alerts and incidents may be closed, by what they turned out to be. */
export function Reasons({ organizationId }: { organizationId: string }) {
  const reasons = useQuery({ ...closeReasonsQuery(organizationId), staleTime: 0 });
  const writes = useMay('organization:write', organizationId);
  return (
    <Reply of={reasons}>
      {(data) => (
        <Columns>
          {VERDICTS.map(([verdict, label]) => (
            <Section key={verdict} title={label}>
              <OfVerdict
                verdict={verdict}
                label={label}
                reasons={data.filter((one) => one.verdict === verdict)}
                organizationId={organizationId}
                writes={writes}
              />
            </Section>
          ))}
        </Columns>
      )}
    </Reply>
  );
}

interface Props {
  verdict: Verdict;
  label: string;
  reasons: readonly Reason[];
  organizationId: string;
  writes: boolean;
}

function OfVerdict({ verdict, label, reasons, organizationId, writes }: Props) {
  const [retiring, setRetiring] = useState<Reason | null>(null);
  const adding = useAddReason(organizationId);
  const retire = useRetireReason(organizationId);
  const bring = (name: string) => adding.mutate({ verdict, name });
  return (
    <>
      <ul className={s.list}>
        {reasons.map((one) => (
          <Line
            key={one.id ?? one.name}
            reason={one}
            writes={writes}
            onRetire={() => setRetiring(one)}
            onBack={() => bring(one.name)}
          />
        ))}
      </ul>
      {writes && <Add verdict={verdict} label={label} adding={adding} />}
      {retiring?.id && (
        <ConfirmDialog
          title={`Retire ${retiring.name}`}
          verb="Retire"
          busy={retire.isPending}
          onConfirm={() =>
            retire.mutate({ id: retiring.id ?? '', name: retiring.name }, { onSettled: () => setRetiring(null) })
          }
          onLeave={() => setRetiring(null)}
        >
          It is offered no longer for {label.toLowerCase()}. What was closed with it keeps it, and it can be brought
          back.
        </ConfirmDialog>
      )}
    </>
  );
}

interface LineProps {
  reason: Reason;
  writes: boolean;
  onRetire: () => void;
  onBack: () => void;
}

function Line({ reason, writes, onRetire, onBack }: LineProps) {
  const own = reason.id !== null;
  return (
    <li className={s.line}>
      <span className={s.name} data-retired={reason.retired_at ? '' : undefined}>
        {own ? reason.name : words(reason.name)}
      </span>
      {!own && <span className="u-subtle">built in</span>}
      {reason.retired_at && <Tag>Retired</Tag>}
      {own &&
        writes &&
        (reason.retired_at ? (
          <Button size="sm" variant="ghost" onClick={onBack} aria-label={`Bring back ${reason.name}`}>
            Bring back
          </Button>
        ) : (
          <Button size="sm" variant="ghost" onClick={onRetire} aria-label={`Retire ${reason.name}`}>
            Retire…
          </Button>
        ))}
    </li>
  );
}

interface AddProps {
  verdict: Verdict;
  label: string;
  adding: ReturnType<typeof useAddReason>;
}

function Add({ verdict, label, adding }: AddProps) {
  const [name, setName] = useState('');
  function submit(event: FormEvent) {
    event.preventDefault();
    adding.mutate({ verdict, name: name.trim() }, { onSuccess: () => setName('') });
  }
  const error = adding.error && asApiError(adding.error);
  return (
    <form className={s.add} onSubmit={submit}>
      <TextField
        label={`Another reason for ${label.toLowerCase()}`}
        maxLength={200}
        value={name}
        error={error ? (error.fields.get('name') ?? error.message) : undefined}
        onChange={(event) => {
          adding.reset();
          setName(event.target.value);
        }}
      />
      <Button type="submit" busy={adding.isPending} disabled={!name.trim()}>
        Add
      </Button>
    </form>
  );
}
