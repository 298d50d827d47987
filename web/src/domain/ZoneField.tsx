import { type Choice, Combobox } from '@/ui/Combobox';

let made: Choice[] | undefined;

// Some four hundred, listed once it is asked for.
const zones = (): Choice[] => {
  made ??= [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])].map((zone) => ({ value: zone, label: zone }));
  return made;
};

/** The zone of whoever looks, as a first guess. */
export const zoneHere = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

interface Props {
  label?: string;
  help?: string;
  error?: string | undefined;
  /** IANA's name; empty for none. */
  value: string;
  onChange: (zone: string) => void;
}

/** One of the zones of the world, found by typing a part of its name. */
export function ZoneField({ label = 'Zone', value, onChange, ...rest }: Props) {
  return <Combobox label={label} choices={zones()} value={value} onChange={(zone) => onChange(zone ?? '')} {...rest} />;
}
