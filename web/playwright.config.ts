import { defineConfig } from '@playwright/test';

// Journeys in a real browser against the real product, wherever it runs: `make journeys` says where.
const reports = process.env.EVENTSEC_JOURNEYS_DIR ?? '../reports/journeys/by-hand';

export default defineConfig({
  testDir: 'tests',
  outputDir: `${reports}/files`,
  // They share one product, and some of them take parts of it away.
  workers: 1,
  fullyParallel: false,
  // A test that fails now and then is a bug to find.
  retries: 0,
  forbidOnly: true,
  timeout: 90_000,
  expect: { timeout: 15_000 },
  reporter: [['list'], ['json', { outputFile: `${reports}/result.json` }]],
  use: {
    baseURL: process.env.EVENTSEC_WEB_URL ?? 'http://127.0.0.1:5173',
    viewport: { width: 1440, height: 900 },
    actionTimeout: 15_000,
    navigationTimeout: 30_000,
    screenshot: 'only-on-failure',
    trace: 'retain-on-failure',
    launchOptions: {
      executablePath: process.env.EVENTSEC_CHROMIUM ?? '/usr/bin/chromium',
      // Containers and root have no user namespaces to build Chromium's own sandbox of.
      args: ['--no-sandbox'],
    },
  },
});
