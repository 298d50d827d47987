import type { ReactNode } from 'react';
import { Person } from '@/domain/Person';
import { usePerson } from '@/domain/people';
import { SeverityGlyph } from '@/domain/Severity';
import { severityLabel } from '@/domain/severities';
import { words } from '@/lib/format';

/** A value of a field that lists have in common, as people say it, without a sign. */
export function commonName(field: string, value: string | number): ReactNode {
  if (field === 'severity') return severityLabel(Number(value));
  if (field === 'verdict') return words(String(value));
  if (field === 'assignee') return <Called id={String(value)} />;
  return value;
}

/** The same with its sign. */
export function commonSign(field: string, value: string | number): ReactNode {
  if (field === 'assignee') return <Person id={String(value)} />;
  if (field !== 'severity') return commonName(field, value);
  return (
    <>
      <SeverityGlyph severity={Number(value)} />
      {severityLabel(Number(value))}
    </>
  );
}

function Called({ id }: { id: string }) {
  return usePerson(id);
}
