import { expect, test } from 'vitest';
import { asked, parseSearch, wholeOf } from './search';

test('what is over is left out until it is chosen, or asked for by number', () => {
  expect(asked({})).toEqual({ status: ['open', 'investigating', 'contained', 'on_hold', 'resolved'] });
  expect(asked({ query: 'title:vpn' }).status).not.toContain('closed');
  expect(asked({ query: 'number:7' }).status).toContain('closed');
  expect(asked({ chosen: { status: ['closed'], '-status': ['merged'] } })).toEqual({ status: ['closed'] });
  expect(asked({ chosen: {} }).status).toHaveLength(7);
});

test('all but the status is one query', () => {
  expect(asked({ query: 'a OR b', chosen: { severity: [4, 5], status: ['open'] }, last: '7d' })).toEqual({
    status: ['open'],
    query: '(a OR b) AND (severity:(4 OR 5)) AND (created_at:>now-7d)',
  });
});

test('a field is counted under all choices but its own', () => {
  const search = { chosen: { severity: [5], '-tags': ['lab'], status: ['open'] } };
  expect(asked(search, 'severity')).toEqual({ status: ['open'], query: 'NOT tags:"lab"' });
  expect(asked(search, 'status')).toMatchObject({ query: '(severity:5) AND (NOT tags:"lab")' });
  expect(asked(search, 'status').status).toHaveLength(7);
});

test('views keep all of it as a query', () => {
  expect(wholeOf({})).toBe('NOT status:("closed" OR "merged")');
  expect(wholeOf({ chosen: {} })).toBe('number:*');
});

test('what is not ours in a URL is left out', () => {
  expect(parseSearch({ layout: 'tree', status: ['closed', 'x'], query: 3 })).toMatchObject({
    layout: undefined,
    chosen: { status: ['closed'] },
    query: undefined,
  });
  expect(parseSearch({ layout: 'board' }).layout).toBe('board');
});
