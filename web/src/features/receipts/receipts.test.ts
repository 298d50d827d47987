import { expect, test } from 'vitest';
import { idsIn } from './ids';
import { pathOf } from './steps';

const BATCH = '01a21dd4-e020-8653-a1a4-ec73237789c2';
const EVENT = '01a21dd4-4583-834b-b8eb-119e1bec581d';

test('ids are found in whatever is pasted, and named where the reply names them', () => {
  const reply = `{"batch_id":"${BATCH}","accepted":1,"items":[{"status":202,"event_id":"${EVENT}"}]}`;
  expect(idsIn(reply)).toEqual([
    { id: BATCH, what: 'Request' },
    { id: EVENT, what: 'Event' },
  ]);
  expect(idsIn(`  ${BATCH.toUpperCase()} `)).toEqual([{ id: BATCH, what: 'Id' }]);
  expect(idsIn('no id here')).toEqual([]);
});

const said = (receipt: Parameters<typeof pathOf>[0]) => pathOf(receipt).map(({ name, state }) => `${name} ${state}`);

test.each([
  [{ state: 'queued_or_unknown' }, ['Accepted now', 'Stored ahead', 'Searchable ahead']],
  [{ state: 'storing', kind: 'batch' }, ['Accepted done', 'Stored now', 'Searchable ahead']],
  [{ state: 'stored', kind: 'batch', search: 'pending' }, ['Accepted done', 'Stored done', 'Searchable now']],
  [{ state: 'stored', kind: 'event', search: 'refused' }, ['Accepted done', 'Stored done', 'Searchable failed']],
  [{ state: 'searchable', kind: 'event', search: 'found' }, ['Accepted done', 'Stored done', 'Searchable done']],
  [{ state: 'quarantined', kind: 'batch' }, ['Accepted done', 'Quarantined failed']],
  [{ state: 'quarantined', kind: 'quarantine' }, ['Accepted done', 'Quarantined failed', 'Stored ahead']],
  [{ state: 'discarded', kind: 'quarantine' }, ['Accepted done', 'Quarantined done', 'Discarded failed']],
  [
    { state: 'redriven', kind: 'quarantine', search: 'found' },
    ['Accepted done', 'Quarantined done', 'Re-driven done', 'Searchable done'],
  ],
] as const)('the way of %o', (receipt, steps) => {
  expect(said(receipt)).toEqual(steps);
});
