import '@testing-library/jest-dom/vitest';
import { cleanup, configure } from '@testing-library/react';
import { afterEach, vi } from 'vitest';

// A page's code is loaded when it is first shown, which takes a busy machine longer than a second.
configure({ asyncUtilTimeout: 15_000 });
// The router scrolls, jsdom does not.
window.scrollTo = vi.fn();
afterEach(cleanup);
