import { whyOpen, whyStill } from '@/domain/moves';
import { useMay } from '@/domain/session';
import type { MenuItem } from '@/ui/Menu';
import { useHere } from '../here';

/** All that can be done with the incident beside what has a button. What the role never may is left out. */
export function useMoreItems(): (MenuItem | 'line')[] {
  const { incident, open, mayWrite, takes } = useHere();
  const mayHold = useMay('incidents:configure', incident.organization_id);
  const why = whyStill(incident);
  const whyClose = whyOpen(incident);
  const one = (label: string, ask: Parameters<typeof open>[0], reason?: string): MenuItem => ({
    label,
    why: reason,
    onSelect: () => open(ask),
  });
  const merged = incident.status === 'merged' ? 'It was merged into another' : undefined;
  const held = incident.status === 'merged' ? 'It is held by what it was merged into' : undefined;
  const work: (MenuItem | 'line')[] = mayWrite
    ? [
        one('Assign…', { ask: 'assign' }, why),
        one('Ask for a review…', { ask: 'review' }, whyClose),
        one('Edit times…', { ask: 'times' }, merged ?? (takes && incident.status !== 'closed' ? undefined : why)),
        'line',
        one('Merge another into it…', { ask: 'merge' }, why),
        ...(incident.merged_numbers.length > 0 ? [one('Take a merged one out…', { ask: 'unmerge' }, why)] : []),
        one('Split…', { ask: 'split', alertIds: [] }, why),
        one('Link another incident…', { ask: 'link' }, merged),
        'line',
        one(incident.restricted ? 'Restrict no longer…' : 'Restrict to members…', { ask: 'restrict' }, merged),
      ]
    : [];
  const hold: MenuItem[] = mayHold
    ? [one(incident.legal_hold ? 'End the legal hold…' : 'Put on legal hold…', { ask: 'hold' }, held)]
    : [];
  return [
    ...work,
    ...hold,
    ...(work.length + hold.length > 0 ? (['line'] as const) : []),
    one('Read the report…', { ask: 'report' }),
    one('Export…', { ask: 'export' }),
  ];
}
