import { ZoneField, zoneHere } from '@/domain/ZoneField';
import { Choices } from '@/ui/Choices';
import { TextField } from '@/ui/Field';
import { Columns, Stack } from '@/ui/Page';
import { Select } from '@/ui/Select';
import { Switch } from '@/ui/Switch';
import { kindHelp, kindLabel, kindsFor } from './kinds';
import { DAYS, type QuietForm, quietFrom, type RouteForm, SEVERITIES, spansWith } from './routeForm';

interface Props {
  value: RouteForm;
  target: 'channel' | 'person';
  wrong: ReadonlyMap<string, string>;
  onChange: (patch: Partial<RouteForm>) => void;
}

/** What goes there, how severe, and when not. */
export function RouteFields({ value, target, wrong, onChange }: Props) {
  return (
    <Stack>
      <Choices
        label="What is told"
        options={kindsFor(target).map((kind) => ({ value: kind, label: kindLabel(kind), hint: kindHelp(kind) }))}
        value={value.kinds}
        error={wrong.get('kinds')}
        onChange={(kinds) => onChange({ kinds })}
      />
      <Columns kind="fields">
        <Select
          label="From severity"
          value={value.min_severity}
          options={SEVERITIES}
          onChange={(event) => onChange({ min_severity: event.target.value })}
        />
        <Select
          label="Told together"
          help="The first at once, what follows in one message."
          value={value.coalesce_seconds}
          options={spansWith(value.coalesce_seconds)}
          onChange={(event) => onChange({ coalesce_seconds: event.target.value })}
        />
      </Columns>
      <Switch
        label="Quiet hours"
        help="Nothing is sent then but what is critical; the rest comes when they end."
        checked={value.quiet_hours !== null}
        onChange={(on) => onChange({ quiet_hours: on ? quietFrom(zoneHere()) : null })}
      />
      {value.quiet_hours && (
        <QuietFields value={value.quiet_hours} wrong={wrong} onChange={(quiet_hours) => onChange({ quiet_hours })} />
      )}
    </Stack>
  );
}

interface QuietProps {
  value: QuietForm;
  wrong: ReadonlyMap<string, string>;
  onChange: (value: QuietForm) => void;
}

function QuietFields({ value, wrong, onChange }: QuietProps) {
  return (
    <>
      <Columns kind="fields">
        <TextField
          label="From"
          type="time"
          required
          value={value.from}
          error={wrong.get('quiet_hours')}
          onChange={(event) => onChange({ ...value, from: event.target.value })}
        />
        <TextField
          label="Until"
          type="time"
          required
          value={value.to}
          onChange={(event) => onChange({ ...value, to: event.target.value })}
        />
        <ZoneField value={value.zone} error={wrong.get('zone')} onChange={(zone) => onChange({ ...value, zone })} />
      </Columns>
      <Choices
        dense
        label="Begin on"
        help="A night that begins on Friday ends on Saturday."
        options={DAYS.map((day, at) => ({ value: at, label: day }))}
        value={value.days}
        error={wrong.get('days')}
        onChange={(days) => onChange({ ...value, days })}
      />
    </>
  );
}
