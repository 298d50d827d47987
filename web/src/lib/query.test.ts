import { expect, test } from 'vitest';
import { ANY, allOf, choiceOf, oneOf, partsOf, quoted } from './query';

test.each([
  ['web01', '"web01"'],
  ['a "b" c', '"a \\"b\\" c"'],
  ['C:\\Temp\\*', '"C:\\\\Temp\\\\\\*"'],
  [5, '5'],
])('%s is quoted as %s', (value, said) => {
  expect(quoted(value)).toBe(said);
});

test('one value stands alone, several in parentheses', () => {
  expect(oneOf('host.name', ['a'])).toBe('host.name:"a"');
  expect(oneOf('severity', [4, 5])).toBe('severity:(4 OR 5)');
});

test('queries are kept apart, because a space binds weaker than AND', () => {
  expect(allOf([])).toBeUndefined();
  expect(allOf(['a b'])).toBe('a b');
  expect(allOf(['a b', 'c'])).toBe('(a b) AND (c)');
});

test.each([
  ['a OR b', ['a OR b']],
  ['(a OR b) AND (severity:(4 OR 5))', ['a OR b', 'severity:(4 OR 5)']],
  ['(a) AND (b) OR c', ['(a) AND (b) OR c']],
  ['(a:"x) AND (y") AND (b)', ['a:"x) AND (y"', 'b']],
  ['(a OR b)', ['(a OR b)']],
  ['NOT (a) AND (b)', ['NOT (a) AND (b)']],
])('%s is taken apart where it was put together', (query, parts) => {
  expect(partsOf(query)).toEqual(parts);
  if (parts.length > 1) expect(allOf(parts)).toBe(query);
});

test('a choice is read back as it was made, and what is more than one is none', () => {
  expect(choiceOf('severity:(4 OR 5)')).toEqual({ field: 'severity', values: [4, 5] });
  expect(choiceOf(`NOT ${oneOf('rule.name', ['a "b" \\ c*', 'd'])}`)).toEqual({
    field: '-rule.name',
    values: ['a "b" \\ c*', 'd'],
  });
  expect(choiceOf('incident_id:*')).toEqual({ field: 'incident_id', values: [ANY] });
  for (const query of ['host.name:"web*"', 'a:1 OR b:2', 'severity:>=4', 'title:x']) {
    expect(choiceOf(query)).toBeUndefined();
  }
});
