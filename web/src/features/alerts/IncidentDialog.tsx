import { useQuery } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { Button } from '@/ui/Button';
import { Combobox } from '@/ui/Combobox';
import { Dialog, DialogActions } from '@/ui/Dialog';
import { TextField } from '@/ui/Field';
import { Tabs } from '@/ui/Tabs';
import type { Linking } from './bulk';
import s from './dialogs.module.css';
import { type Alert, incidentsQuery, offersQuery } from './queries';

interface Props {
  what: string;
  /** The one it is about, where it is one: incidents like it are offered. */
  alert: Alert | undefined;
  onDone: (to: Linking) => void;
  onLeave: () => void;
}

const TABS = [
  { key: 'open', label: 'New incident' },
  { key: 'link', label: 'Existing one' },
] as const;

/** Which incident it goes into: a new one, or one that is there. */
export function IncidentDialog({ what, alert, onDone, onLeave }: Props) {
  const [tab, setTab] = useState<'open' | 'link'>('open');
  return (
    <Dialog title="Link to an incident" description={what} onLeave={onLeave}>
      <Tabs label="Which incident" tabs={TABS} value={tab} onChange={setTab}>
        <div className={s.tab}>
          {tab === 'open' ? (
            <Open first={alert?.title ?? ''} onDone={onDone} onLeave={onLeave} />
          ) : (
            <Existing alert={alert} onDone={onDone} onLeave={onLeave} />
          )}
        </div>
      </Tabs>
    </Dialog>
  );
}

function Open({ first, onDone, onLeave }: { first: string } & Pick<Props, 'onDone' | 'onLeave'>) {
  const [title, setTitle] = useState(first);
  function submit(event: FormEvent) {
    event.preventDefault();
    onDone({ open: { title: title.trim(), restricted: false } });
  }
  return (
    <form className={s.form} onSubmit={submit}>
      <TextField
        label="Title"
        value={title}
        required
        maxLength={500}
        help="Its severity is that of its worst alert."
        autoFocus
        onChange={(event) => setTitle(event.target.value)}
      />
      <DialogActions>
        <Button onClick={onLeave}>Cancel</Button>
        <Button type="submit" variant="primary" disabled={!title.trim()}>
          Open incident
        </Button>
      </DialogActions>
    </form>
  );
}

function Existing({ alert, onDone, onLeave }: Pick<Props, 'alert' | 'onDone' | 'onLeave'>) {
  const [typed, setTyped] = useState('');
  const [id, setId] = useState<string | null>(null);
  const offers = useQuery({ ...offersQuery(alert?.id ?? ''), enabled: alert !== undefined });
  const found = useQuery(incidentsQuery(typed));
  const choices = (found.data?.items ?? []).map((one) => ({ value: one.id, label: `#${one.number} ${one.title}` }));
  function submit(event: FormEvent) {
    event.preventDefault();
    if (id) onDone({ incident_id: id });
  }
  return (
    <form className={s.form} onSubmit={submit}>
      {offers.data && offers.data.length > 0 && (
        <section aria-label="Like this alert">
          <p className="u-subtle">Incidents with an alert like this one</p>
          {offers.data.map((one) => (
            <Button key={one.id} size="sm" onClick={() => onDone({ incident_id: one.id })}>
              #{one.number} {one.title}
            </Button>
          ))}
        </section>
      )}
      <Combobox
        label="Incident"
        choices={choices}
        value={id}
        onChange={setId}
        // What is chosen is put into the field, which is nothing to look for.
        onType={(text) => !choices.some((one) => one.label === text) && setTyped(text)}
        placeholder="A number, or words of its title"
        autoFocus
      />
      <DialogActions>
        <Button onClick={onLeave}>Cancel</Button>
        <Button type="submit" variant="primary" disabled={!id}>
          Link
        </Button>
      </DialogActions>
    </form>
  );
}
