import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vitest/config';

// Where `make dev` or `make demo` has the api.
const target = process.env.EVENTSEC_API_URL ?? 'http://127.0.0.1:8000';
// The api compares Origin with Host, so the browser's Host goes along.
const proxy = { '/api': { target, changeOrigin: false } };

// What everybody begins with, and then the router, come in one piece each and not in twenty.
const PIECES = [
  { name: 'start', tags: ['$initial' as const] },
  { name: 'router', test: /[\\/]@tanstack[\\/](?:react-router|router-core|history|react-store|store)[\\/]/ },
];

export default defineConfig({
  plugins: [react()],
  resolve: { alias: { '@': fileURLToPath(new URL('./src', import.meta.url)) } },
  css: { modules: { localsConvention: 'camelCaseOnly' } },
  build: {
    target: ['chrome123', 'safari17.5', 'firefox124'],
    sourcemap: 'hidden',
    manifest: true,
    // The page's policy allows no data: URL, of fonts neither.
    assetsInlineLimit: 0,
    // These browsers preload by themselves.
    modulePreload: { polyfill: false },
    rolldownOptions: { output: { codeSplitting: { groups: PIECES } } },
  },
  server: { proxy },
  preview: { proxy },
  test: {
    // All other styles are left out, but the names of their classes.
    css: { include: [/tokens\.css/], modules: { classNameStrategy: 'non-scoped' } },
    // A worker and its document take longer to make than most tests take: files share them, and what one leaves behind
    // is swept away by the set-up of the next. Who needs a document says so by its name.
    isolate: false,
    maxWorkers: '100%',
    projects: [
      {
        extends: true,
        test: {
          name: 'rules',
          environment: 'node',
          include: ['src/**/*.test.ts'],
          exclude: ['src/**/*.dom.test.ts'],
        },
      },
      {
        extends: true,
        test: {
          name: 'components',
          environment: 'jsdom',
          include: ['src/**/*.test.tsx', 'src/**/*.dom.test.ts'],
          setupFiles: ['./src/test-setup.ts'],
          // The first page of a file is read from disk, on machines that build at the same time.
          testTimeout: 20_000,
        },
      },
    ],
  },
});
