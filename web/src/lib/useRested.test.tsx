import { act, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { useRested } from './useRested';

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

test('of what is typed fast only the last is asked for', () => {
  const { result, rerender } = renderHook(({ text }) => useRested(text), { initialProps: { text: '' } });
  const seen = new Set<string>();
  for (const text of ['p', 'ph', 'phi']) {
    rerender({ text });
    act(() => void vi.advanceTimersByTime(100));
    seen.add(result.current);
  }
  expect([...seen]).toEqual(['']);
  act(() => void vi.advanceTimersByTime(100));
  expect(result.current).toBe('phi');
});
