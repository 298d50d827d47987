import { type FormEvent, useRef } from 'react';
import { api } from '@/api/client';
import { Reply } from '@/domain/Reply';
import { useZoneLabel } from '@/domain/Time';
import { useLook } from '@/lib/look';
import { momentOf } from '@/lib/zone';
import { Button } from '@/ui/Button';
import { TextArea, TextField } from '@/ui/Field';
import { State } from '@/ui/State';
import { Switch } from '@/ui/Switch';
import { useChange } from '../change';
import { useHere, useKept, useWriting } from '../here';
import { usePages } from '../parts/usePages';
import { timelineQuery } from '../queries';
import { TimelineEntry } from './TimelineEntry';
import s from './TimelineTab.module.css';

/** What happened, in its order: as people saw it, and as the product entered it. */
export function TimelineTab() {
  const { incident, takes } = useHere();
  const [told, setTold] = useKept('only told', false);
  const { rows, reply, more } = usePages(timelineQuery(incident.id, told));
  const zone = useZoneLabel();
  return (
    <>
      {takes && <Composer />}
      <div className={s.bar}>
        <span className="u-subtle">Times in {zone}, the earliest first</span>
        <Switch label="Only what people entered" checked={told} onChange={setTold} />
      </div>
      <Reply of={reply} lines={6}>
        {() =>
          rows.length === 0 ? (
            <State
              title="Nothing is entered"
              action={told && <Button onClick={() => setTold(false)}>Show everything</Button>}
            >
              {told ? 'Nobody has entered anything yet.' : 'What happens from now on is.'}
            </State>
          ) : (
            <>
              <ol className={s.entries}>
                {rows.map((entry) => (
                  <TimelineEntry key={entry.id} entry={entry} />
                ))}
              </ol>
              {more && (
                <Button size="sm" busy={more.busy} onClick={more.load}>
                  Show more
                </Button>
              )}
            </>
          )
        }
      </Reply>
    </>
  );
}

function Composer() {
  const { incident } = useHere();
  const { zone } = useLook();
  const label = useZoneLabel();
  const [message, setMessage] = useKept('new entry', '');
  const [when, setWhen] = useKept('new entry at', '');
  const place = useRef<HTMLFormElement>(null);
  useWriting('timeline', place);
  const change = useChange(incident.id, {
    onDone: () => {
      setMessage('');
      setWhen('');
    },
  });
  function submit(event: FormEvent) {
    event.preventDefault();
    const body = { message, occurred_at: momentOf(when, zone) ?? null };
    change.mutate({
      send: () =>
        api.POST('/api/v1/incidents/{incident_id}/timeline', { params: { path: { incident_id: incident.id } }, body }),
      said: 'Added to the timeline',
    });
  }
  return (
    <form ref={place} className={s.composer} onSubmit={submit}>
      <TextArea
        label="What happened"
        rows={2}
        required
        maxLength={4_000}
        readOnly={change.isPending}
        value={message}
        onChange={(event) => setMessage(event.target.value)}
      />
      <TextField
        type="datetime-local"
        label={`When (${label})`}
        help="Empty is now."
        value={when}
        onChange={(event) => setWhen(event.target.value)}
      />
      <Button type="submit" variant="primary" busy={change.isPending} disabled={!message.trim()}>
        Add entry
      </Button>
    </form>
  );
}
