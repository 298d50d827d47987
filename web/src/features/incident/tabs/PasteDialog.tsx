import { useState } from 'react';
import { api, read } from '@/api/client';
import type { components } from '@/api/schema';
import { FormDialog, given } from '@/domain/dialogs/FormDialog';
import { tagsOf } from '@/lib/tags';
import { Banner } from '@/ui/Banner';
import { Button } from '@/ui/Button';
import { TextArea, TextField } from '@/ui/Field';
import { Select } from '@/ui/Select';
import { Switch } from '@/ui/Switch';
import { Tag } from '@/ui/Tag';
import { useChange } from '../change';
import { useHere, useKept } from '../here';
import type { Incident } from '../queries';
import s from './ObservablesTab.module.css';
import { TLP_OPTIONS } from './observables';

type Added = components['schemas']['ObservablesAdded'];
type Adding = components['schemas']['ObservablesAdd'];

function sent(id: string, body: Partial<Adding>): Promise<Added> {
  const whole = { ioc: false, tags: [], note: '', dry_run: false, ...body };
  const params = { path: { incident_id: id } };
  return read(api.POST('/api/v1/incidents/{incident_id}/observables', { params, body: whole }));
}

/** Several at once, from whatever text they stand in. What is found is shown before it is added. */
export function PasteDialog({ onLeave }: { onLeave: () => void }) {
  const { incident } = useHere();
  const [text, setText] = useKept('pasted', '');
  const [found, setFound] = useState<{ of: string; what: Added } | null>(null);
  const send = (body: Partial<Adding>) => sent(incident.id, { text, ...body });
  const look = useChange<Added>(incident.id, { inPlace: true, onDone: (what) => setFound({ of: text, what }) });
  const change = useChange<Added>(incident.id, {
    inPlace: true,
    onDone: () => {
      setText('');
      onLeave();
    },
  });
  const current = found?.of === text ? found.what : null;
  const count = current?.found.length ?? 0;
  function add(form: FormData) {
    const tlp = given(form, 'tlp');
    change.mutate({
      send: () =>
        send({
          ioc: form.get('ioc') !== null,
          tags: tagsOf(given(form, 'tags')),
          note: given(form, 'note'),
          ...(tlp && { tlp: tlp as Incident['tlp'] }),
        }),
      said: `Added ${current?.added ?? ''} observables`,
    });
  }
  return (
    <FormDialog
      size="lg"
      title={`Add observables to #${incident.number}`}
      description="Paste a mail, a report, or a list: addresses, domains, URLs and hashes are found in it, defanged ones too."
      verb={current ? `Add ${current.added}` : 'Add'}
      busy={change.isPending}
      error={change.error ?? look.error}
      why={!current ? 'Look first what is found' : current.added === 0 ? 'Nothing new was found' : undefined}
      onLeave={onLeave}
      onSubmit={add}
    >
      <TextArea
        label="Text"
        rows={6}
        maxLength={500_000}
        value={text}
        autoFocus
        onChange={(event) => setText(event.target.value)}
      />
      <div>
        <Button
          busy={look.isPending}
          disabled={!text.trim()}
          onClick={() => look.mutate({ send: () => send({ dry_run: true }) })}
        >
          Find values
        </Button>
      </div>
      {current && count === 0 && <Banner tone="warning">No value was found in it.</Banner>}
      {current && count > 0 && <Found of={current} />}
      {current && count > 0 && <Marks />}
    </FormDialog>
  );
}

function Marks() {
  return (
    <>
      <div className={s.two}>
        <Select label="TLP" name="tlp" options={TLP_OPTIONS} />
        <TextField label="Tags" name="tags" help="Parted by commas." maxLength={400} />
      </div>
      <TextField label="Note" name="note" maxLength={2_000} />
      <Switch label="All of them are indicators (IOC)" name="ioc" />
    </>
  );
}

function Found({ of: { found, added, already_there, left_over, truncated } }: { of: Added }) {
  return (
    <>
      <p className="u-muted">
        {found.length} found: {added} new{already_there > 0 && `, ${already_there} already there`}.
        {truncated && ' There is more in the text than is taken at once.'}
        {left_over.length > 0 && ` Not taken: ${left_over.join(', ')}.`}
      </p>
      <ul className={s.found} aria-label="Found values">
        {found.map((one) => (
          <li key={`${one.type} ${one.value}`} className={s.one}>
            <span className="u-mono u-cut">{one.value}</span>
            <span>
              {one.internal && <Tag>internal</Tag>} <Tag>{one.type}</Tag>
            </span>
          </li>
        ))}
      </ul>
    </>
  );
}
