import { expect, test } from 'vitest';
import { fieldOffers, put, spotAt, valueOffers } from './complete';
import type { Field } from './fields';

const field = (name: string, type = 'keyword', choices: string[] = []): Field => ({
  name,
  type,
  choices,
  meaning: `Of ${name}`,
});
const fields = [
  field('destination.ip', 'address'),
  field('source.ip', 'address'),
  field('severity', 'severity', ['low', 'high']),
];

test.each([
  ['', 'field', '', undefined],
  ['sev', 'field', 'sev', undefined],
  ['a AND -source.i', 'field', 'source.i', undefined],
  ['severity:', 'value', '', 'severity'],
  ['severity:>=hi', 'value', 'hi', 'severity'],
  ['severity:(low OR hi', 'value', 'hi', 'severity'],
  ['rule.name:"ssh br', 'value', 'ssh br', 'rule.name'],
  ['severity:high ', 'operator', '', undefined],
  ['severity:high AND ', 'field', '', undefined],
  ['NOT (', 'field', '', undefined],
])('at the end of %j a %s is written', (query, kind, typed, of) => {
  expect(spotAt(query, query.length)).toMatchObject({ kind, typed, ...(of && { field: of }) });
});

test('words in quotes are nobody’s to complete', () => {
  expect(spotAt('"ssh br', 7)).toBeUndefined();
});

test('fields that begin so come first', () => {
  expect(fieldOffers(fields, 's').map((one) => one.label)).toEqual(['source.ip', 'severity', 'destination.ip']);
  expect(fieldOffers(fields, 'ip').map((one) => one.label)).toEqual(['destination.ip', 'source.ip']);
});

test('a field’s own words are its values; else those that were seen, in quotes where they must be', () => {
  const [, source, severity] = fields as [Field, Field, Field];
  expect(valueOffers(severity, 'h', ['x']).map((one) => one.text)).toEqual(['high ']);
  expect(valueOffers(source, '', ['10.0.0.1', '2001:db8::1']).map((one) => one.text)).toEqual([
    '10.0.0.1 ',
    '"2001:db8::1" ',
    '* ',
  ]);
});

test('what is offered takes the place of what was typed, and no more', () => {
  const query = 'sever AND count:3';
  const spot = spotAt(query, 5);
  expect(spot && put(query, spot, { text: 'severity:', label: '' })).toEqual(['severity: AND count:3', 9]);
});
