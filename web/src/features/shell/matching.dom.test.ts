import { expect, test } from 'vitest';
import { countOf } from './counts';
import { incidentQuery, matching } from './matching';
import { goKeys } from './places';

const run = () => undefined;
const groups = [
  { value: 'Actions', items: [{ id: '1', label: 'Acknowledge', run }] },
  {
    value: 'Go to',
    items: [
      { id: '2', label: 'API tokens', run },
      { id: '3', label: 'Status', run },
      { id: '4', label: 'Show tokens', hint: 'of sensors', run },
    ],
  },
];
const labels = (text: string) => matching(groups, text).flatMap((group) => group.items.map((one) => one.label));

test('every word has to be there, and what begins with it comes first', () => {
  expect(labels('')).toHaveLength(4);
  expect(labels('to')).toEqual(['API tokens', 'Show tokens']);
  expect(labels('s')).toEqual(['Status', 'Show tokens', 'API tokens']);
  expect(labels('tokens sensors')).toEqual(['Show tokens']);
  expect(matching(groups, 'nowhere')).toEqual([]);
});

test('a number alone is an incident’s', () => {
  expect([' #12 ', '7', 'ssh 7'].map(incidentQuery)).toEqual(['number:12', 'number:7', 'ssh 7']);
});

test('places are found by the key after G', () => {
  const nav = { icon: 'alerts', group: 'Work' } as const;
  const places = [
    { path: '/alerts', title: 'Alerts', search: {}, nav: { ...nav, go: 'a' } },
    { path: '/x', title: 'X', search: {}, nav },
  ];
  expect([...goKeys([['Work', places]]).keys()]).toEqual(['a']);
});

test('a count that is none is not shown, and one that was not counted to its end says so', () => {
  expect(countOf(0, 'open')).toBeUndefined();
  expect(countOf(undefined, 'open')).toBeUndefined();
  expect(countOf(412, 'open')).toMatchObject({ shown: '412', said: '412 open' });
  expect(countOf(10_000, 'open')).toMatchObject({ shown: '10K+', said: '10,000+ open' });
});
