import { defineConfig } from '@playwright/test';
import journeys from './playwright.config.ts';

// How long the UI takes, on a demo of its own: `make web-bench`. It tells figures, and fails for none of them.
export default defineConfig(journeys, {
  testDir: 'bench',
  timeout: 1_800_000,
  reporter: 'list',
});
