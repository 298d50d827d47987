import type { ReactNode } from 'react';
import { IncidentStatusIcon } from '@/domain/IncidentStatus';
import { type IncidentStatus, incidentStatusLabel } from '@/domain/incident';
import { Person } from '@/domain/Person';
import { usePerson } from '@/domain/people';
import { SeverityGlyph } from '@/domain/Severity';
import { severityLabel } from '@/domain/severity';
import { words } from '@/lib/format';

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
  if (field === 'severity') return severityLabel(Number(value));
  if (field === 'status') return incidentStatusLabel(value as IncidentStatus);
  if (field === 'verdict') return words(String(value));
  if (field === 'tlp') return String(value).toUpperCase();
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
        <IncidentStatusIcon status={value as IncidentStatus} />
        {incidentStatusLabel(value as IncidentStatus)}
      </>
    );
  if (field === 'assignee') return <Person id={String(value)} />;
  return valueName(field, value);
}

function Called({ id }: { id: string }) {
  return usePerson(id);
}
