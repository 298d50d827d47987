import { useSensorName } from '@/domain/sensors';
import { severityLabel } from '@/domain/severities';
import { words } from '@/lib/format';

const LABELS: Readonly<Record<string, string>> = {
  severity: 'Severity',
  'event.kind': 'Kind',
  'event.dataset': 'Dataset',
  alert_id: 'Alert',
  sensor_id: 'Sensor',
  title: 'Title',
};

/** What a field is called on chips: by its own name, but for those that people say otherwise. */
export const fieldLabel = (field: string): string => LABELS[field] ?? field;

/** What a value is called. */
export function valueName(field: string, value: string | number) {
  if (field === 'severity' && typeof value === 'number') return severityLabel(value);
  if (field === 'sensor_id') return <Sensor id={String(value)} />;
  if (field === 'event.kind') return words(String(value));
  return String(value);
}

function Sensor({ id }: { id: string }) {
  return useSensorName(id);
}
