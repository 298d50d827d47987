import { incidentStatusLabel } from '@/domain/incident';
import { severityLabel } from '@/domain/severities';
import type { Incident } from './queries';

type Told = Partial<Incident>;

/** What somebody made of an incident, in words: "The status is Contained". */
export function told(before: Told, now: Told): string[] {
  const lines: [boolean, string][] = [
    [before.status !== now.status, now.status ? `The status is ${incidentStatusLabel(now.status)}` : ''],
    [before.severity !== now.severity, now.severity ? `the severity is ${severityLabel(now.severity)}` : ''],
    [before.title !== now.title, `the title is “${now.title}”`],
    [before.assignee_id !== now.assignee_id, now.assignee_id ? 'somebody else has it' : 'it is nobody’s'],
    [before.tlp !== now.tlp, `it is TLP:${now.tlp?.toUpperCase()}`],
    [before.restricted !== now.restricted, now.restricted ? 'it is restricted' : 'it is restricted no longer'],
    [before.legal_hold !== now.legal_hold, now.legal_hold ? 'it is on legal hold' : 'it is on legal hold no longer'],
    [String(before.tags) !== String(now.tags), 'its tags are others'],
  ];
  return lines.filter(([differs, words]) => differs && words !== '').map(([, words]) => words);
}
