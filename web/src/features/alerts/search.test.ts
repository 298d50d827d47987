import { expect, test } from 'vitest';
import { asked, chosenIn, counted, parseSearch, QUEUE, wholeOf } from './search';

test('a status beside the rest of a URL is a choice', () => {
  expect(parseSearch({ status: ['new', 'x'], chosen: { severity: [5] } }).chosen).toEqual({
    severity: [5],
    status: ['new'],
  });
});

test('without a word it is the queue, which is asked for by nothing and can be said in full', () => {
  const search = parseSearch({});
  expect([asked(search), counted(search), chosenIn(search)]).toEqual([{}, {}, QUEUE]);
  expect(wholeOf(search)).toBe('(status:("new" OR "acknowledged" OR "in_progress")) AND (NOT incident_id:*)');
});

test('of a range alone, it is what waited in the queue then', () => {
  expect(chosenIn(parseSearch({ last: '1h' }))).toEqual(QUEUE);
});

test('a query from elsewhere is asked for as it is, and nothing chosen is everything', () => {
  expect(asked(parseSearch({ query: 'status:closed' }))).toEqual({ query: 'status:closed' });
  expect(asked(parseSearch({ chosen: {} }))).toEqual({ query: 'severity:*' });
  expect(counted(parseSearch({ chosen: {} }))).toEqual({ query: 'severity:*' });
  expect(counted(parseSearch({ query: 'a', chosen: { severity: [5] } }))).toEqual({
    query: 'a',
    filter: ['severity:5'],
  });
});
