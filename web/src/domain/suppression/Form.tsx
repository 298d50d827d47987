import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { asApiError } from '@/api/problem';
import { Leaving } from '@/domain/Leaving';
import { QueryField } from '@/domain/query/QueryField';
import { same } from '@/lib/diff';
import { useLook } from '@/lib/look';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { TextField } from '@/ui/Field';
import { Row } from '@/ui/Page';
import { Select } from '@/ui/Select';
import { askedOf, type Draft, missingIn } from './draft';
import { Effect } from './Effect';
import s from './Form.module.css';
import { type Asked, dryRunQuery } from './queries';
import { Times } from './Times';

interface Props {
  first: Draft;
  /** The verb on the button. */
  verb: string;
  busy: boolean;
  /** What the server answered when it was saved. */
  error: unknown;
  /** Undefined for those who may try it and no more. */
  onSave: ((draft: Draft) => void) | undefined;
  onLeave: () => void;
}

const BACK: readonly (readonly [string, string])[] = [
  ['7', 'Last 7 days'],
  ['30', 'Last 30 days'],
  ['90', 'Last 90 days'],
];

/** A suppression to be filled in. It is saved once its effect has been looked at. */
export function SuppressionForm({ first, verb, busy, error, onSave, onLeave }: Props) {
  const { zone } = useLook();
  const [draft, setDraft] = useState(first);
  const [days, setDays] = useState('7');
  const [asked, setAsked] = useState<Asked | null>(first.query ? () => askedOf(first, 7, zone) : null);
  const [begun] = useState(first);
  const unsaved = onSave !== undefined && !busy && !same(draft, begun);
  const change = (patch: Partial<Draft>) => setDraft((before) => ({ ...before, ...patch }));
  const now = askedOf(draft, Number(days), zone);
  const current = asked !== null && JSON.stringify(asked) === JSON.stringify(now);
  const measured = useQuery({ ...dryRunQuery(asked ?? now), enabled: asked !== null });
  const refused = error ? asApiError(error) : undefined;
  const wrong = measured.isError && current ? measured.error : refused?.fields.has('query') ? error : undefined;
  const missing = missingIn(draft, zone) ?? (current && measured.isSuccess ? undefined : 'Measure its effect first');
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (!missing) onSave?.(draft);
  }
  return (
    <form className={s.form} onSubmit={submit}>
      <Leaving unsaved={unsaved} what="the suppression" />
      <div className={s.sides}>
        <div className={s.fields}>
          {onSave && (
            <TextField
              label="Name"
              required
              maxLength={200}
              value={draft.name}
              error={refused?.fields.get('name')}
              onChange={(event) => change({ name: event.target.value })}
            />
          )}
          <QueryField
            of="events"
            label="Query"
            help="Looks at events. Every value needs a field; now and me are not known: source.ip:192.0.2.9 AND severity:<=high"
            first={first.query}
            error={wrong}
            onChange={(query) => change({ query })}
            onEnter={() => setAsked(now)}
          />
          {onSave && (
            <TextField
              label="Reason"
              required
              minLength={3}
              maxLength={2000}
              value={draft.reason}
              placeholder="Why nobody wants to be called for this"
              error={refused?.fields.get('reason')}
              onChange={(event) => change({ reason: event.target.value })}
            />
          )}
          <Times draft={draft} onChange={change} endless={!onSave} error={refused?.fields.get('ends_at')} />
          {onSave && (
            <Select
              label="What it does"
              value={draft.mode}
              options={[
                ['active', 'Hides what matches'],
                ['monitor', 'On trial: hides nothing and counts'],
              ]}
              onChange={(event) => change({ mode: event.target.value as Draft['mode'] })}
            />
          )}
        </div>
        <section className={s.effect} aria-label="Effect">
          <Row>
            <Select
              label="Measured over"
              value={days}
              options={BACK}
              onChange={(event) => setDays(event.target.value)}
            />
            <div className={s.measure}>
              <Button
                variant={current ? 'default' : 'primary'}
                busy={measured.isFetching}
                disabled={!draft.query.trim()}
                onClick={() => (current ? void measured.refetch() : setAsked(now))}
              >
                {current ? 'Measure again' : 'Measure effect'}
              </Button>
            </div>
          </Row>
          {!asked && <p className="u-subtle">Measuring shows what it would have hidden, before it hides anything.</p>}
          {asked && !current && <p className="u-subtle">It was changed since it was measured.</p>}
          {asked && !(measured.isError && asApiError(measured.error).status === 422) && <Effect asked={asked} />}
        </section>
      </div>
      {refused && refused.fields.size === 0 && <Banner tone="danger">{refused.message}</Banner>}
      <div className={s.actions}>
        {missing && onSave && <span className="u-subtle">{missing}</span>}
        <Button onClick={onLeave}>{onSave ? 'Cancel' : 'Back'}</Button>
        {onSave && (
          <Button type="submit" variant="primary" busy={busy} disabled={missing !== undefined} title={missing}>
            {verb}
          </Button>
        )}
      </div>
    </form>
  );
}
