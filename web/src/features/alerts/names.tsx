import type { ReactNode } from 'react';
import { Person } from '@/domain/Person';
import { usePerson } from '@/domain/people';
import { SeverityGlyph } from '@/domain/Severity';
import { StatusIcon } from '@/domain/Status';
import { severityLabel } from '@/domain/severity';
import { type AlertStatus, statusLabel } from '@/domain/status';
import { words } from '@/lib/format';

const LABELS: Readonly<Record<string, string>> = {
  severity: 'Severity',
  status: 'Status',
  verdict: 'Verdict',
  assignee: 'Assignee',
  module: 'Product',
  dataset: 'Dataset',
  'rule.name': 'Rule',
  'rule.id': 'Rule id',
  tags: 'Tag',
  technique: 'Technique',
  'source.ip': 'Source',
  'destination.ip': 'Destination',
  'host.name': 'Host',
  'user.name': 'User',
  incident_id: 'Incident',
};

/** What a field is called where there is no room to explain it. */
export const fieldLabel = (field: string): string => LABELS[field] ?? field;

/** A value as people say it, without a sign. */
export function valueName(field: string, value: string | number): ReactNode {
  if (field === 'severity') return severityLabel(Number(value));
  if (field === 'status') return statusLabel(value as AlertStatus);
  if (field === 'verdict') return words(String(value));
  if (field === 'assignee') return <Called id={String(value)} />;
  return value;
}

/** The same with its sign. */
export function valueSign(field: string, value: string | number): ReactNode {
  if (field === 'severity')
    return (
      <>
        <SeverityGlyph severity={Number(value)} />
        {severityLabel(Number(value))}
      </>
    );
  if (field === 'status')
    return (
      <>
        <StatusIcon status={value as AlertStatus} />
        {statusLabel(value as AlertStatus)}
      </>
    );
  if (field === 'assignee') return <Person id={String(value)} />;
  return valueName(field, value);
}

function Called({ id }: { id: string }) {
  return usePerson(id);
}
