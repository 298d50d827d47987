import '@testing-library/jest-dom/vitest';
import { cleanup, configure } from '@testing-library/react';
import { afterEach, beforeAll, vi } from 'vitest';
import { quickenStyles } from './test/styles';

// Files share a worker: what the one before kept in modules of ours, in the browser or in the document is gone.
vi.resetModules();
vi.unstubAllGlobals();
window.localStorage.clear();
window.sessionStorage.clear();
window.history.replaceState(null, '', '/');
document.body.replaceChildren();

// A page's code is loaded when it is first shown, which takes a busy machine longer than a second.
configure({ asyncUtilTimeout: 15_000 });
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

// Nor does it lay anything out: all is as large as a screen, and stays so.
vi.stubGlobal(
  'ResizeObserver',
  class {
    observe() {}
    unobserve() {}
    disconnect() {}
  },
);
Object.defineProperties(HTMLElement.prototype, {
  clientHeight: { configurable: true, get: () => 800 },
  clientWidth: { configurable: true, get: () => 1200 },
});

quickenStyles();

// What opens later is there at once: tests of pages are not about fetching code.
beforeAll(() =>
  Promise.all([
    import('@/ui/DialogPopup'),
    import('@/ui/MenuPopup'),
    import('@/ui/PopoverPopup'),
    import('@/ui/ComboboxInput'),
  ]),
);
