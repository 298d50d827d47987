import type { components } from '@/api/schema';
import { severityLabel } from '@/domain/severities';
import { statusLabel } from '@/domain/statuses';
import { words } from '@/lib/format';

type Alert = components['schemas']['AlertRead'];

/** What somebody else made of an alert meanwhile: "status is Closed (was New)". */
export function differences(
  before: Pick<Alert, Compared>,
  after: Pick<Alert, Compared>,
  nameOf: (id: string) => string,
): string[] {
  const said = (name: Compared, of: Pick<Alert, Compared>): string => {
    const value = of[name];
    if (value === null || (Array.isArray(value) && value.length === 0)) return 'none';
    if (name === 'status') return statusLabel(of.status);
    if (name === 'severity') return severityLabel(of.severity);
    if (name === 'assignee_id') return nameOf(String(value));
    return Array.isArray(value) ? value.join(', ') : words(String(value));
  };
  return COMPARED.filter(([name]) => said(name, before) !== said(name, after)).map(
    ([name, label]) =>
      `${label} ${name === 'tags' ? 'are' : 'is'} ${said(name, after)} (${name === 'tags' ? 'were' : 'was'} ${said(name, before)})`,
  );
}

type Compared = (typeof COMPARED)[number][0];

const COMPARED = [
  ['status', 'status'],
  ['severity', 'severity'],
  ['assignee_id', 'assignee'],
  ['verdict', 'verdict'],
  ['reason', 'reason'],
  ['tags', 'tags'],
] as const;
