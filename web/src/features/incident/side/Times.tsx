import { Pencil } from 'lucide-react';
import { Fragment } from 'react';
import { Moment, useZoneLabel } from '@/domain/Time';
import { IconButton } from '@/ui/Button';
import { useHere } from '../here';
import { Part } from '../parts/Part';
import s from './Side.module.css';

const STAGES = [
  ['occurred_at', 'Occurred'],
  ['detected_at', 'Detected'],
  ['received_at', 'Received'],
  ['acknowledged_at', 'Acknowledged'],
  ['contained_at', 'Contained'],
  ['eradicated_at', 'Eradicated'],
  ['recovered_at', 'Recovered'],
  ['resolved_at', 'Resolved'],
  ['closed_at', 'Closed'],
] as const;

/** When it came to each stage. */
export function Times() {
  const { incident, mayChange, open } = useHere();
  return (
    <Part
      title="Times"
      beside={<span className="u-subtle">{useZoneLabel()}</span>}
      actions={
        mayChange && (
          <IconButton size="sm" label="Edit times" onClick={() => open({ ask: 'times' })}>
            <Pencil size={12} aria-hidden="true" />
          </IconButton>
        )
      }
    >
      <dl className={s.times}>
        {STAGES.map(([name, label]) => {
          const at = incident[name];
          return (
            <Fragment key={name}>
              <dt>{label}</dt>
              <dd data-none={at ? undefined : ''}>
                {at ? <Moment at={at} /> : incident.status === 'closed' ? 'not recorded' : 'not yet'}
              </dd>
            </Fragment>
          );
        })}
      </dl>
    </Part>
  );
}
