import { defineConfig } from '@playwright/test';
import journeys from './playwright.config.ts';

// Pictures of every screen, to be looked at: `make screenshots`.
export default defineConfig(journeys, {
  testDir: 'pictures',
  timeout: 600_000,
  reporter: 'list',
});
