import { expect, test } from 'vitest';
import type { AlertDetail } from '../queries';
import { ownDraft } from './proposed';

test('it is as narrow as the alert, and no more severe', () => {
  const alert = {
    id: 'a',
    title: 'Scan',
    rule_id: '1:9',
    severity: 3,
    fingerprint: 'ff',
    organization_id: 'o',
  } as AlertDetail;
  expect(ownDraft(alert).query).toBe('rule.id:"1:9" AND severity:<=medium AND fingerprint:ff');
  expect(ownDraft({ ...alert, rule_id: null }).query).toBe('severity:<=medium AND fingerprint:ff');
});
