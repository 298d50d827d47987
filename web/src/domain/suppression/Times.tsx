import { useLook } from '@/lib/look';
import { zoneLabel } from '@/lib/zone';
import { Button } from '@/ui/Button';
import { Combobox } from '@/ui/Combobox';
import { TextField } from '@/ui/Field';
import { Row } from '@/ui/Page';
import { Select } from '@/ui/Select';
import { type Draft, endIn } from './draft';
import s from './Form.module.css';
import { DAYS, NEW_WINDOW, NTHS, type Repeat, type Windowed } from './recurrence';

interface Props {
  draft: Draft;
  onChange: (patch: Partial<Draft>) => void;
  /** Of what is only tried, the end does not matter. */
  endless: boolean;
  error: string | undefined;
}

const ENDS = [1, 7, 30, 90];
const ZONES = ['UTC', ...Intl.supportedValuesOf('timeZone').filter((zone) => zone !== 'UTC')];

/** From when until when, and in which windows. */
export function Times({ draft, onChange, endless, error }: Props) {
  const { zone } = useLook();
  const label = zoneLabel(zone);
  return (
    <>
      {!endless && (
        <div className={s.pair}>
          <TextField
            label={`Starts (${label})`}
            type="datetime-local"
            value={draft.startsAt}
            help="At once, if left empty."
            onChange={(event) => onChange({ startsAt: event.target.value })}
          />
          <div>
            <TextField
              label={`Ends (${label})`}
              type="datetime-local"
              required
              value={draft.endsAt}
              error={error}
              onChange={(event) => onChange({ endsAt: event.target.value })}
            />
            <div className={s.presets}>
              {ENDS.map((days) => (
                <Button key={days} size="sm" variant="ghost" onClick={() => onChange({ endsAt: endIn(days, zone) })}>
                  {days === 1 ? '1 day' : `${days} days`}
                </Button>
              ))}
            </div>
          </div>
        </div>
      )}
      <Select
        label="Holds"
        value={draft.window ? 'windows' : 'always'}
        options={[
          ['always', 'All the time'],
          ['windows', 'In recurring maintenance windows'],
        ]}
        onChange={(event) => onChange({ window: event.target.value === 'windows' ? NEW_WINDOW : null })}
      />
      {draft.window && <WindowFields window={draft.window} onChange={(window) => onChange({ window })} />}
    </>
  );
}

const REPEATS: readonly (readonly [Repeat, string])[] = [
  ['daily', 'Every day'],
  ['weekdays', 'Monday to Friday'],
  ['weekly', 'Every week'],
  ['monthly', 'Every month'],
  ['own', 'By a rule of RFC 5545'],
];

function WindowFields({ window, onChange }: { window: Windowed; onChange: (window: Windowed) => void }) {
  const change = (patch: Partial<Windowed>) => onChange({ ...window, ...patch });
  const { repeat } = window;
  return (
    <fieldset className={s.window}>
      <legend className="u-visually-hidden">Maintenance windows</legend>
      <Row>
        <Select
          label="Repeats"
          value={repeat}
          options={REPEATS}
          onChange={(event) => change({ repeat: event.target.value as Repeat })}
        />
        {repeat === 'monthly' && (
          <Select
            label="Which"
            value={window.nth}
            options={NTHS}
            onChange={(event) => change({ nth: event.target.value })}
          />
        )}
        {(repeat === 'weekly' || repeat === 'monthly') && (
          <Select
            label="Day"
            value={window.day}
            options={DAYS}
            onChange={(event) => change({ day: event.target.value })}
          />
        )}
        {repeat !== 'own' && (
          <TextField
            label="From"
            type="time"
            required
            value={window.time}
            onChange={(event) => change({ time: event.target.value })}
          />
        )}
        <TextField
          label="Minutes long"
          type="number"
          min={1}
          max={10_080}
          required
          value={window.minutes}
          onChange={(event) => change({ minutes: event.target.valueAsNumber || 1 })}
        />
      </Row>
      {repeat === 'own' && (
        <TextField
          label="Rule"
          required
          value={window.rule}
          help="Daily at most, without DTSTART and UNTIL: FREQ=MONTHLY;BYMONTHDAY=-1;BYHOUR=23"
          onChange={(event) => change({ rule: event.target.value })}
        />
      )}
      <Combobox
        label="Time zone"
        choices={ZONES.map((zone) => ({ value: zone, label: zone }))}
        value={window.zone}
        onChange={(zone) => change({ zone: zone ?? 'UTC' })}
      />
    </fieldset>
  );
}
