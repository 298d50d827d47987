import type { components } from '@/api/schema';
import { BY_SHAPE, formatLabel, formatOf } from '@/domain/formats';
import type { Difference } from '@/lib/diff';
import type { ChangeLine } from '@/ui/Changes';
import type { Sensor } from './queries';

type Update = components['schemas']['SensorUpdate'];

/** The settings as they are typed. */
export interface Form {
  name: string;
  format: string;
  zone: string;
  rate: string;
  /** Minutes. */
  interval: string;
  /** A type a line. */
  ignored: string;
  /** `rule id = severity`, one a line. */
  severities: string;
}

export const formOf = (sensor: Sensor): Form => ({
  name: sensor.name,
  format: sensor.format ?? BY_SHAPE,
  zone: sensor.zone,
  rate: sensor.rate_per_second === null ? '' : String(sensor.rate_per_second),
  interval: sensor.expected_interval === null ? '' : String(secondsOf(sensor.expected_interval) / 60),
  ignored: sensor.ignored_types.join('\n'),
  severities: Object.entries(sensor.severity_overrides)
    .map(([rule, severity]) => `${rule} = ${severity}`)
    .join('\n'),
});

/** Only what differs from the sensor, as the API has it. */
export function updateOf(form: Form, sensor: Sensor): Update {
  const before = formOf(sensor);
  const update: Update = {};
  if (form.name !== before.name) update.name = form.name.trim();
  if (form.format !== before.format) update.format = formatOf(form.format);
  if (form.zone !== before.zone) update.zone = form.zone.trim();
  if (form.rate !== before.rate) update.rate_per_second = form.rate === '' ? null : Number(form.rate);
  if (form.interval !== before.interval)
    update.expected_interval = form.interval === '' ? null : Math.round(Number(form.interval) * 60);
  if (form.ignored !== before.ignored) update.ignored_types = linesIn(form.ignored);
  if (form.severities !== before.severities) update.severity_overrides = severitiesIn(form.severities) ?? {};
  return update;
}

/** What of the text is no `rule = severity`; undefined where all is. */
export function wrongSeverity(text: string): string | undefined {
  return linesIn(text).find((line) => parsed(line) === undefined);
}

const LABELS: Record<keyof Form, string> = {
  name: 'Name',
  format: 'Format',
  zone: 'Zone',
  rate: 'Most records a second',
  interval: 'Minutes between records',
  ignored: 'Types left out',
  severities: 'Severities of rules',
};

/** How a setting that somebody else changed is told. */
export function lineOf({ path, before, after }: Difference): ChangeLine {
  const said = (value: unknown) =>
    path === 'format' ? formatLabel(formatOf(String(value))) : String(value).replaceAll('\n', ', ');
  return { name: LABELS[path as keyof Form] ?? path, before: said(before), after: said(after) };
}

const linesIn = (text: string): string[] =>
  text
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);

function severitiesIn(text: string): Record<string, number> | undefined {
  const pairs = linesIn(text).map(parsed);
  return pairs.every((pair) => pair !== undefined) ? Object.fromEntries(pairs) : undefined;
}

function parsed(line: string): [string, number] | undefined {
  const found = /^(.+?)\s*=\s*([1-5])$/.exec(line);
  return found?.[1] && found[2] ? [found[1], Number(found[2])] : undefined;
}

/** Seconds of an ISO duration: P1DT2H, PT5M, PT90S. */
export function secondsOf(duration: string): number {
  const found = /^P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?$/.exec(duration);
  const [days, hours, minutes, seconds] = (found?.slice(1) ?? []).map((part) => Number(part ?? 0));
  return (days ?? 0) * 86_400 + (hours ?? 0) * 3_600 + (minutes ?? 0) * 60 + (seconds ?? 0);
}

/** 90 s, 5 min, 1 h 30 min */
export function formatDuration(duration: string): string {
  const all = secondsOf(duration);
  const parts = [
    [Math.floor(all / 86_400), 'd'],
    [Math.floor((all % 86_400) / 3_600), 'h'],
    [Math.floor((all % 3_600) / 60), 'min'],
    [Math.round(all % 60), 's'],
  ] as const;
  return (
    parts
      .filter(([count]) => count > 0)
      .map(([count, unit]) => `${count} ${unit}`)
      .join(' ') || '0 s'
  );
}
