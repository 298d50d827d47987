import '@testing-library/jest-dom/vitest';
import { cleanup } from '@testing-library/react';
import { afterEach, vi } from 'vitest';

// The router scrolls, jsdom does not.
window.scrollTo = vi.fn();
afterEach(cleanup);
