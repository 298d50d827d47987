import { ChevronDown } from 'lucide-react';
import { api } from '@/api/client';
import { SeverityBadge } from '@/domain/Severity';
import { SEVERITIES, severityLabel } from '@/domain/severities';
import { Tlp } from '@/domain/Tlp';
import { TLPS, tlpLabel } from '@/domain/tlps';
import { Button } from '@/ui/Button';
import { Menu } from '@/ui/Menu';
import { Tag } from '@/ui/Tag';
import { at, useChange } from '../change';
import { useHere } from '../here';
import type { Incident } from '../queries';

const PAPS: readonly Incident['pap'][] = ['clear', 'green', 'amber', 'red'];

function usePatch() {
  const { incident } = useHere();
  const change = useChange(incident.id);
  return (body: Partial<Pick<Incident, 'severity' | 'tlp' | 'pap'>>, said: string) =>
    change.mutate({ send: () => api.PATCH('/api/v1/incidents/{incident_id}', { params: at(incident), body }), said });
}

/** How bad it is, and the worst that it has been. */
export function SeverityMenu() {
  const { incident, mayChange } = useHere();
  const patch = usePatch();
  const peak = incident.peak_severity;
  const badge = (
    <>
      <SeverityBadge severity={incident.severity} />
      {peak !== null && <span className="u-subtle">was {severityLabel(peak)}</span>}
    </>
  );
  if (!mayChange) return badge;
  return (
    <Menu
      trigger={
        <Button size="sm" variant="ghost" aria-label={`Severity: ${severityLabel(incident.severity)}. Change it`}>
          {badge}
          <ChevronDown size={12} aria-hidden="true" />
        </Button>
      }
      items={SEVERITIES.map((severity) => ({
        label: severityLabel(severity),
        chosen: severity === incident.severity,
        onSelect: () => severity !== incident.severity && patch({ severity }, `Severity: ${severityLabel(severity)}`),
      }))}
    />
  );
}

/** Who may be told of it. */
export function TlpMenu() {
  const { incident, mayChange } = useHere();
  const patch = usePatch();
  if (!mayChange) return <Tlp level={incident.tlp} />;
  return (
    <Menu
      trigger={
        <Button size="sm" variant="ghost" aria-label={`TLP: ${incident.tlp}. Change it`}>
          <Tlp level={incident.tlp} />
          <ChevronDown size={12} aria-hidden="true" />
        </Button>
      }
      items={TLPS.map((tlp) => ({
        label: tlp === 'red' ? 'TLP:RED, for its members alone' : tlpLabel(tlp),
        chosen: tlp === incident.tlp,
        onSelect: () => tlp !== incident.tlp && patch({ tlp }, tlpLabel(tlp)),
      }))}
    />
  );
}

/** What may be done with what is known. */
export function PapMenu() {
  const { incident, mayChange } = useHere();
  const patch = usePatch();
  const mark = <Tag>PAP:{incident.pap.toUpperCase()}</Tag>;
  if (!mayChange) return mark;
  return (
    <Menu
      trigger={
        <Button size="sm" variant="ghost" aria-label={`PAP: ${incident.pap}. Change it`}>
          {mark}
          <ChevronDown size={12} aria-hidden="true" />
        </Button>
      }
      items={PAPS.map((pap) => ({
        label: `PAP:${pap.toUpperCase()}`,
        chosen: pap === incident.pap,
        onSelect: () => pap !== incident.pap && patch({ pap }, `PAP:${pap.toUpperCase()}`),
      }))}
    />
  );
}
