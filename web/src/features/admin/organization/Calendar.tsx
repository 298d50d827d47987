import { ZoneField, zoneHere } from '@/domain/ZoneField';
import { words } from '@/lib/format';
import { TextArea, TextField } from '@/ui/Field';
import { Columns, Section, Stack } from '@/ui/Page';
import { Switch } from '@/ui/Switch';
import s from './Calendar.module.css';
import { type CalendarForm, DAYS, officeHours } from './form';

interface Props {
  value: CalendarForm | null;
  /** What to begin with, where there was none. */
  saved: CalendarForm | null;
  wrong: ReadonlyMap<string, string>;
  onChange: (value: CalendarForm | null) => void;
}

/** By whose hours working time is counted. */
export function Calendar({ value, saved, wrong, onChange }: Props) {
  return (
    <Section title="Working hours">
      <Stack>
        <Switch
          label="Count working hours only"
          help="Without them all time counts, day and night, whatever the severity."
          checked={value !== null}
          onChange={(on) => onChange(on ? (saved ?? officeHours(zoneHere())) : null)}
        />
        {value && <Fields value={value} wrong={wrong} onChange={onChange} />}
      </Stack>
    </Section>
  );
}

interface FieldsProps {
  value: CalendarForm;
  wrong: ReadonlyMap<string, string>;
  onChange: (value: CalendarForm) => void;
}

function Fields({ value, wrong, onChange }: FieldsProps) {
  const set = (patch: Partial<CalendarForm>) => onChange({ ...value, ...patch });
  return (
    <>
      <ZoneField
        help="All hours and dates are meant there. Summer time is taken into account."
        value={value.zone}
        error={wrong.get('calendar.zone')}
        onChange={(zone) => set({ zone })}
      />
      <fieldset className={s.days}>
        <legend className={s.legend}>Hours. A night shift is two: until 24:00, and from 00:00 on the next day.</legend>
        {DAYS.map((day) => (
          <TextField
            key={day}
            label={words(day)}
            placeholder="not worked"
            value={value.hours[day]}
            error={wrong.get(`calendar.hours.${day}`)}
            onChange={(event) => set({ hours: { ...value.hours, [day]: event.target.value } })}
          />
        ))}
      </fieldset>
      <Columns kind="fields">
        <TextField
          label="Public holidays of"
          placeholder="none"
          maxLength={2}
          help={countryName(value.country) ?? 'A country in two letters, as DE.'}
          value={value.country}
          error={wrong.get('calendar.country')}
          onChange={(event) => set({ country: event.target.value.trim().toUpperCase() })}
        />
        <TextField
          label="Part of the country"
          placeholder="all of it"
          maxLength={6}
          help="As BY for Bavaria, where holidays differ."
          value={value.subdivision}
          error={wrong.get('calendar.subdivision')}
          onChange={(event) => set({ subdivision: event.target.value.trim().toUpperCase() })}
        />
      </Columns>
      <Columns kind="fields">
        <TextArea
          label="Days off"
          rows={4}
          placeholder="2026-12-24"
          help="A date a line."
          value={value.days_off}
          error={wrong.get('calendar.days_off')}
          onChange={(event) => set({ days_off: event.target.value })}
        />
        <TextArea
          label="Days of other hours"
          rows={4}
          placeholder="2026-12-28 09:00–13:00"
          help="A date with its hours a line; worked even on holidays and weekends."
          value={value.days_on}
          error={wrong.get('calendar.days_on')}
          onChange={(event) => set({ days_on: event.target.value })}
        />
      </Columns>
    </>
  );
}

function countryName(code: string): string | undefined {
  if (!/^[A-Z]{2}$/.test(code)) return undefined;
  const name = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' }).of(code);
  return name;
}
