/** 1 to 5, as the API has it and ECS's sensors say it. */
type Severity = 1 | 2 | 3 | 4 | 5;
export type SeverityName = 'info' | 'low' | 'medium' | 'high' | 'critical';

const NAMES: Record<Severity, SeverityName> = { 1: 'info', 2: 'low', 3: 'medium', 4: 'high', 5: 'critical' };
const LABELS: Record<SeverityName, string> = {
  info: 'Info',
  low: 'Low',
  medium: 'Medium',
  high: 'High',
  critical: 'Critical',
};

/** What a number is called; one out of range as the nearest. */
export function severityName(severity: number): SeverityName {
  return NAMES[Math.min(5, Math.max(1, Math.round(severity))) as Severity];
}

/** The same as people say it. */
export const severityLabel = (severity: number): string => LABELS[severityName(severity)];

/** From the worst down. */
export const SEVERITIES: readonly number[] = [5, 4, 3, 2, 1];

/** The same as a Select has them. */
export const SEVERITY_CHOICES = SEVERITIES.map((one) => [String(one), severityLabel(one)] as const);
