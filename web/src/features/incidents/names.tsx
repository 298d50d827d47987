import type { ReactNode } from 'react';
import { IncidentStatusIcon } from '@/domain/IncidentStatus';
import { type IncidentStatus, incidentStatusLabel } from '@/domain/incident';
import { commonName, commonSign } from '@/domain/list/names';

const LABELS: Readonly<Record<string, string>> = {
  severity: 'Severity',
  status: 'Status',
  verdict: 'Verdict',
  assignee: 'Owner',
  tlp: 'TLP',
  tags: 'Tag',
  technique: 'Technique',
};

/** What a field is called where there is no room to explain it. */
export const fieldLabel = (field: string): string => LABELS[field] ?? field;

/** A value as people say it, without a sign. */
export function valueName(field: string, value: string | number): ReactNode {
  if (field === 'status') return incidentStatusLabel(value as IncidentStatus);
  if (field === 'tlp') return String(value).toUpperCase();
  return commonName(field, value);
}

/** The same with its sign. */
export function valueSign(field: string, value: string | number): ReactNode {
  if (field === 'tlp') return String(value).toUpperCase();
  if (field !== 'status') return commonSign(field, value);
  return (
    <>
      <IncidentStatusIcon status={value as IncidentStatus} />
      {incidentStatusLabel(value as IncidentStatus)}
    </>
  );
}
