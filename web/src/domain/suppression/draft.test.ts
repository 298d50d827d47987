import { expect, test } from 'vitest';
import { askedOf, bodyOf, missingIn, newDraft, patchOf } from './draft';

const draft = newDraft('Europe/Vienna', { name: ' Scanner ', query: 'rule.id:1 ', reason: 'It is ours' });

test('times are sent as the moments they mean in the zone', () => {
  expect(bodyOf({ ...draft, endsAt: '2027-01-15T12:00' }, 'Europe/Vienna')).toMatchObject({
    name: 'Scanner',
    query: 'rule.id:1',
    starts_at: null,
    ends_at: '2027-01-15T11:00:00.000Z',
  });
});

test('what is measured is what would be saved', () => {
  expect(askedOf(draft, 7, 'utc')).toEqual({
    query: 'rule.id:1',
    days: 7,
    recurrence: null,
    startsAt: null,
    organizationId: undefined,
  });
});

test.each([
  [{ name: '' }, 'It needs a name'],
  [{ query: ' ' }, 'It needs a query'],
  [{ reason: 'x' }, 'It needs a reason'],
  [{ endsAt: '' }, 'It needs an end'],
  [{ endsAt: '2020-01-01T00:00' }, 'Its end lies before its start or now'],
  [{}, undefined],
])('%j: %s', (some, said) => {
  expect(missingIn({ ...draft, ...some }, 'utc')).toBe(said);
});

test('only what was changed is sent, windows that were taken away too', () => {
  const window = { repeat: 'daily', day: 'MO', nth: '1', time: '02:00', minutes: 60, zone: 'UTC', rule: '' } as const;
  expect(patchOf({ ...draft, window }, { ...draft, window: { ...window }, reason: 'Another' }, 'utc')).toEqual({
    reason: 'Another',
  });
  expect(patchOf({ ...draft, window }, draft, 'utc')).toEqual({ recurrence: null });
});
