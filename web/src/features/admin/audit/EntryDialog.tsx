import { Link } from '@tanstack/react-router';
import { PATHS } from '@/app/paths';
import { Person } from '@/domain/Person';
import { Moment, Time } from '@/domain/Time';
import { words } from '@/lib/format';
import { Button } from '@/ui/Button';
import { Changes } from '@/ui/Changes';
import { CopyButton } from '@/ui/Code';
import { Dialog, DialogActions } from '@/ui/Dialog';
import { KeyValue } from '@/ui/KeyValue';
import { Row } from '@/ui/Page';
import { Actor } from './Entries';
import s from './EntryDialog.module.css';
import { actionLabel, fieldLabel, pairOf, readingOf } from './entry';
import type { Entry } from './queries';

interface Props {
  entry: Entry;
  /** Show all entries about the same object. */
  onObject: (id: string) => void;
  onLeave: () => void;
}

/** All that an entry holds. */
export function EntryDialog({ entry, onObject, onLeave }: Props) {
  const changes = Object.entries(entry.changes);
  const details = Object.entries(entry.details);
  const { object_id } = entry;
  return (
    <Dialog size="side" title={actionLabel(entry.action)} onLeave={onLeave}>
      <KeyValue
        facts={[
          ['When', <Time key="at" at={entry.created_at} />],
          ['Who', <Actor key="who" entry={entry} />],
          ['From', entry.address && <Copied key="from" text={entry.address} />],
          ['Action', <Copied key="action" text={entry.action} />],
          ['Object', <ObjectLink key="object" entry={entry} />],
          ['Request', entry.correlation_id && <Copied key="request" text={entry.correlation_id} />],
          ['Entry', entry.sequence === null ? 'Not sealed yet' : `${entry.sequence} of the chain`],
          ['Hash', entry.hash && <Copied key="hash" text={entry.hash} />],
        ]}
      />
      {changes.length > 0 && (
        <section className={s.part} aria-labelledby="audit-changes">
          <h3 id="audit-changes">What changed</h3>
          <Changes
            label="What changed"
            lines={changes.map(([name, pair]) => {
              const [before, after] = pairOf(pair);
              return { name: fieldLabel(name), before: shown(name, before), after: shown(name, after) };
            })}
          />
        </section>
      )}
      {details.length > 0 && (
        <section className={s.part} aria-labelledby="audit-details">
          <h3 id="audit-details">Beside that</h3>
          <KeyValue facts={details.map(([name, value]) => [fieldLabel(name), shown(name, value)])} />
        </section>
      )}
      <DialogActions>
        {object_id && <Button onClick={() => onObject(object_id)}>All about this object</Button>}
        <Button onClick={onLeave}>Close</Button>
      </DialogActions>
    </Dialog>
  );
}

function Copied({ text }: { text: string }) {
  return (
    <span className={s.copied}>
      <span className="u-mono">{text}</span>
      <CopyButton text={text} label={`Copy ${text}`} />
    </span>
  );
}

function ObjectLink({ entry: { kind, object_id: id } }: { entry: Entry }) {
  if (!id) return words(kind);
  return (
    <Row>
      {kind === 'user' && <Person id={id} />}
      {kind === 'alert' && (
        <Link className="u-link" to={PATHS.alert} params={{ alertId: id }}>
          Alert
        </Link>
      )}
      {kind === 'incident' && (
        <Link className="u-link" to={PATHS.incident} params={{ incidentId: id }}>
          Incident
        </Link>
      )}
      {kind === 'sensor' && (
        <Link className="u-link" to={PATHS.sensor} params={{ sensorId: id }}>
          Sensor
        </Link>
      )}
      {kind === 'suppression' && (
        <Link className="u-link" to={PATHS.suppression} params={{ suppressionId: id }}>
          Suppression
        </Link>
      )}
      {!['user', 'alert', 'incident', 'sensor', 'suppression'].includes(kind) && words(kind)}
      <Copied text={id} />
    </Row>
  );
}

function shown(field: string, value: unknown) {
  const as = readingOf(field, value);
  switch (as.as) {
    case 'nothing':
      return null;
    case 'moment':
      return <Moment at={as.text} />;
    case 'person':
      return <Person id={as.text} />;
    case 'id':
      return <span className="u-mono">{as.text}</span>;
    case 'text':
      return as.text;
    case 'json':
      return <code className={s.json}>{JSON.stringify(as.value, null, 1)}</code>;
  }
}
