import type { components } from '@/api/schema';
import { severityName } from '@/domain/severities';
import { type Draft, newDraft } from '@/domain/suppression/draft';
import { quoted } from '@/lib/query';
import { fieldOf } from '@/lib/zone';
import type { AlertDetail } from '../queries';

type Proposed = components['schemas']['ProposedSuppression'];

/** What the product proposes, to be filled in further. */
export function draftFrom(proposed: Proposed, zone: string): Draft {
  return newDraft(zone, {
    name: proposed.name,
    query: proposed.query,
    reason: proposed.reason,
    endsAt: fieldOf(proposed.ends_at, zone),
    organizationId: proposed.organization_id,
    proposedByAlertId: proposed.proposed_by_alert_id,
    ownerId: proposed.owner_id,
  });
}

const WORDS = { info: 'informational', low: 'low', medium: 'medium', high: 'high', critical: 'critical' } as const;

/** Where nothing is proposed: what folds into the alert, no more severe than it, for a month. */
export function ownDraft(alert: AlertDetail): Partial<Draft> {
  const rule = alert.rule_id ? [`rule.id:${quoted(alert.rule_id)}`] : [];
  const severity = `severity:<=${WORDS[severityName(alert.severity)]}`;
  return {
    name: alert.title.slice(0, 200),
    query: [...rule, severity, `fingerprint:${alert.fingerprint}`].join(' AND '),
    organizationId: alert.organization_id,
    proposedByAlertId: alert.id,
  };
}
