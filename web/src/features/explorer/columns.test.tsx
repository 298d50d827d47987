import { expect, test } from 'vitest';
import { columnsOf, FIRST, fieldsOf, saidOf, withColumn } from './columns';

test('a field becomes a column before what grows, and leaves again', () => {
  const wider = withColumn(FIRST, 'dns.question.name');
  expect(wider.slice(-2)).toEqual(['dns.question.name', 'title']);
  expect(withColumn(wider, 'dns.question.name')).toEqual(FIRST);
});

test('rows bring along only what they have no member for', () => {
  expect(fieldsOf([...FIRST, 'dns.question.name'])).toEqual(['dns.question.name']);
});

test('the usual columns are not said in the URL', () => {
  expect([saidOf(FIRST), saidOf([]), saidOf(['time'])]).toEqual([undefined, undefined, ['time']]);
});

test('a column that is named twice is there once', () => {
  expect(columnsOf(['time', 'a.b', 'time'], 'UTC').map((one) => one.label)).toEqual(['Time (UTC)', 'a.b']);
});
