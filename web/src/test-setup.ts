import '@testing-library/jest-dom/vitest';
import { cleanup } from '@testing-library/react';
import { afterEach, vi } from 'vitest';

// The router scrolls, jsdom does not.
window.scrollTo = vi.fn();
// jsdom has none either: a stream that never opens.
class Silent extends EventTarget {
  static readonly CLOSED = 2;
  readyState = 0;
  close() {}
}
vi.stubGlobal('EventSource', Silent);
afterEach(cleanup);
