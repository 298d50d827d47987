import type { ReactNode } from 'react';
import { commonName, commonSign } from '@/domain/list/names';
import { StatusIcon } from '@/domain/Status';
import { type AlertStatus, statusLabel } from '@/domain/statuses';

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
  if (field === 'status') return statusLabel(value as AlertStatus);
  return commonName(field, value);
}

/** The same with its sign. */
export function valueSign(field: string, value: string | number): ReactNode {
  if (field !== 'status') return commonSign(field, value);
  return (
    <>
      <StatusIcon status={value as AlertStatus} />
      {statusLabel(value as AlertStatus)}
    </>
  );
}
