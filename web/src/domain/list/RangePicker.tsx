import { CalendarClock, Check, ChevronDown } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useZoneLabel } from '@/domain/Time';
import { useLook } from '@/lib/look';
import { fieldOf, formatMoment, momentOf } from '@/lib/zone';
import { Button } from '@/ui/Button';
import { TextField } from '@/ui/Field';
import { Popover } from '@/ui/Popover';
import s from './RangePicker.module.css';
import { lastLabel, type Range } from './range';

const PRESETS = ['15m', '1h', '4h', '24h', '7d', '30d'];

interface Props {
  range: Range;
  onRange: (range: Range) => void;
  /** What no range is called; without it there is always one. */
  any?: string;
}

/** Of what time: the last so much, which stays so in the URL, or from and to in the zone that was chosen. */
export function RangePicker({ range, onRange, any }: Props) {
  const { zone } = useLook();
  const { last, from, to } = range;
  const short = (at: string) => formatMoment(at, zone).slice(5, 16);
  const end = to && from && short(to).slice(0, 5) === short(from).slice(0, 5) ? short(to).slice(6) : to && short(to);
  const said = last
    ? lastLabel(last)
    : from || to
      ? `${from ? short(from) : '…'} – ${end ?? 'now'}`
      : (any ?? lastLabel('24h'));
  return (
    <Popover
      title="Range of time"
      trigger={
        <Button size="lg">
          <CalendarClock size={14} aria-hidden="true" />
          {said}
          <ChevronDown size={12} aria-hidden="true" />
        </Button>
      }
    >
      {(leave) => (
        <Choices
          range={range}
          any={any}
          onRange={(chosen) => {
            leave();
            onRange({ last: undefined, from: undefined, to: undefined, ...chosen });
          }}
        />
      )}
    </Popover>
  );
}

function Choices({ range, onRange, any }: { range: Range; onRange: (range: Range) => void; any: string | undefined }) {
  const none = !range.last && !range.from && !range.to;
  const presets: (readonly [label: string, range: Range, chosen: boolean])[] = PRESETS.map((last) => [
    lastLabel(last),
    { last },
    range.last === last,
  ]);
  if (any) presets.push([any, {}, none]);
  return (
    <div className={s.choices}>
      <ul>
        {presets.map(([label, preset, chosen]) => (
          <li key={label}>
            <button type="button" className={s.preset} aria-pressed={chosen} onClick={() => onRange(preset)}>
              {label}
              {chosen && <Check size={13} aria-hidden="true" />}
            </button>
          </li>
        ))}
      </ul>
      <Absolute range={range} onRange={onRange} />
    </div>
  );
}

function Absolute({ range, onRange }: { range: Range; onRange: (range: Range) => void }) {
  const { zone } = useLook();
  const label = useZoneLabel();
  const [wrong, setWrong] = useState<string | undefined>();
  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const given = new FormData(event.currentTarget);
    const from = momentOf(String(given.get('from')), zone);
    const to = momentOf(String(given.get('to')), zone);
    if (!from && !to) setWrong('Give one of them at least.');
    else if (from && to && from >= to) setWrong('It ends before it begins.');
    else onRange({ from, to });
  }
  return (
    <form className={s.absolute} onSubmit={submit}>
      <TextField
        label={`From (${label})`}
        name="from"
        type="datetime-local"
        defaultValue={range.from ? fieldOf(range.from, zone) : ''}
      />
      <TextField
        label={`To (${label})`}
        name="to"
        type="datetime-local"
        defaultValue={range.to ? fieldOf(range.to, zone) : ''}
        error={wrong}
      />
      <div>
        <Button type="submit" variant="primary">
          Apply
        </Button>
      </div>
    </form>
  );
}
