import { act, cleanup, renderHook } from '@testing-library/react';
import { afterEach, expect, test, vi } from 'vitest';
import { useChanges, useLiveness } from './live';

const made: Source[] = [];

class Source extends EventTarget {
  static readonly CLOSED = 2;
  onopen: () => void = () => undefined;
  onerror: () => void = () => undefined;
  readyState = 0;
  close = vi.fn();
  constructor() {
    super();
    made.push(this);
  }
}
vi.stubGlobal('EventSource', Source);
afterEach(() => {
  cleanup();
  made.length = 0;
});

test('there is one connection for all, and drawing anew keeps it', () => {
  const hear = vi.fn();
  const { result, rerender, unmount } = renderHook(() => {
    useChanges(hear);
    return useLiveness();
  });
  expect(result.current).toBe('connecting');
  act(() => made[0]?.onopen());
  rerender();
  rerender();
  expect(made).toHaveLength(1);
  expect(result.current).toBe('live');
  made[0]?.dispatchEvent(new MessageEvent('changed', { data: '{"kind":"alert","ids":["1"]}' }));
  expect(hear).toHaveBeenCalledExactlyOnceWith({ kind: 'alert', ids: ['1'] });
  unmount();
  expect(made[0]?.close).toHaveBeenCalledOnce();
});
