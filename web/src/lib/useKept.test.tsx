import { act, renderHook } from '@testing-library/react';
import { expect, test } from 'vitest';
import { useKept } from './useKept';

test('what was typed is there again after the page was left, for who typed it, until it is saved', () => {
  const first = renderHook(() => useKept('ann note', ''));
  act(() => first.result.current[1]('half a sentence'));
  first.unmount();
  expect(renderHook(() => useKept('bob note', '')).result.current[0]).toBe('');
  const again = renderHook(() => useKept('ann note', ''));
  expect(again.result.current[0]).toBe('half a sentence');
  act(() => again.result.current[1](''));
  again.unmount();
  expect(renderHook(() => useKept('ann note', '')).result.current[0]).toBe('');
});
