import { expect, test } from 'vitest';
import { reasonOf } from './reasons';

const ID = '01a21dbb-436b-7196-92f2-521d909e1b78';

test('a fold says by which fields', () => {
  const reason = reasonOf({ rule: 'fold.wazuh4', version: '1', count: 3, fields: ['rule.id', 'agent.id'] });
  expect(reason).toMatchObject({ kind: 'fold', fields: ['rule.id', 'agent.id'] });
  expect(reason.text).toBe('Events that agree in these fields are one alert:');
});

test('where the title joined them, that is said', () => {
  expect(reasonOf({ rule: 'fold.cef+title', version: '2', count: 1, fields: ['host.name'] }).text).toContain(
    'its title without numbers',
  );
});

test.each([
  ['suppress', 'suppression'],
  ['would_suppress', 'trial'],
])('%s names its suppression', (word, kind) => {
  expect(reasonOf({ rule: `${word}.${ID}`, version: '4', count: 1, fields: [] })).toMatchObject({
    kind,
    suppressionId: ID,
  });
});

test('events of a quiet period say that they are', () => {
  expect(reasonOf({ rule: 'join.quiet_period', version: '1', count: 9, fields: [] }).title).toBe(
    'Counted in the quiet period',
  );
});

test('what is not known keeps its name', () => {
  expect(reasonOf({ rule: 'magic.rule', version: '1', count: 1, fields: [] }).title).toBe('magic.rule');
});
