import { expect, test } from 'vitest';
import { ApiError, asApiError, retryDelay } from './problem';

test.each([
  ['Failed to fetch', 'offline'],
  ['NetworkError when attempting to fetch resource.', 'offline'],
  ['Load failed', 'offline'],
  ['network error', 'offline'],
  ["Cannot read properties of undefined (reading 'id')", 'unknown'],
])('“%s” is %s', (message, code) => {
  expect(asApiError(new TypeError(message)).code).toBe(code);
});

test('a page of HTML in the place of an answer is told as one', () => {
  const thrown = (() => {
    try {
      return JSON.parse('<!doctype html>');
    } catch (error) {
      return error;
    }
  })();
  expect(asApiError(thrown)).toMatchObject({ code: 'unreadable', message: 'What came is no answer of this server’s.' });
});

test('who is asked too often says when to ask again', () => {
  expect(retryDelay(0, new ApiError(429, {}, undefined, 20))).toBe(20_000);
  expect(retryDelay(0, new ApiError(429, {}))).toBeLessThanOrEqual(500);
  expect(retryDelay(9, new ApiError(503, {}, undefined, 60))).toBeLessThanOrEqual(10_000);
});
