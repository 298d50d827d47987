import { screen, within } from '@testing-library/react';
import { HttpResponse, http } from 'msw';
import { setupServer } from 'msw/node';
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest';
import { common, ORGANIZATION, renderApp, sessionOf, url } from '@/test/render';
import type { Rule } from './figures';

const rule: Rule = {
  organization_id: ORGANIZATION,
  rule_id: '1:9000104',
  title: 'Self-signed certificate inside',
  module: 'suricata',
  alerts: 130,
  suppressed: 12,
  open: 126,
  verdicts: { true_positive: 1, benign_positive: 3, false_positive: 0, undetermined: 0 },
  shares: { true_positive: 0.25, benign_positive: 0.75, false_positive: 0, undetermined: 0 },
  median_time_to_close: 'PT1H30M',
  last_fired_at: '2026-11-27T16:46:53Z',
};

const server = setupServer(...common);
beforeAll(() => server.listen({ onUnhandledRequest: 'error' }));
afterEach(() => server.resetHandlers(...common));
afterAll(() => server.close());

test('each figure leads to the alerts behind it, and a noisy rule to a suppression', async () => {
  let asked: URLSearchParams | undefined;
  server.use(
    // The shell counts them.
    http.get(url('/api/v1/alerts'), () => HttpResponse.json({ items: [], next_cursor: null, total: 0 })),
    http.get(url('/api/v1/rules'), ({ request }) => {
      asked = new URL(request.url).searchParams;
      return HttpResponse.json({ items: [rule], next_cursor: null });
    }),
  );
  await renderApp('/rules?range=7d', sessionOf('rules:read', 'alerts:read', 'suppressions:write'));
  const line = (await screen.findByText(rule.title, {}, { timeout: 10_000 })).closest('tr') as HTMLElement;
  const link = (name: string) =>
    new URL(within(line).getByRole('link', { name }).getAttribute('href') ?? '', url('/')).searchParams.get('query');
  expect(link('126')).toContain('status:(new OR acknowledged OR in_progress)');
  expect(link('12')).toContain('status:suppressed');
  expect(link('75 % benign positive, 3 alerts')).toContain('verdict:benign_positive');
  expect(link('Suppress…')).toContain('severity:<=high');
  expect(line).toHaveTextContent('1h');
  expect(Date.parse(asked?.get('to') ?? '') - Date.parse(asked?.get('from') ?? '')).toBe(7 * 86_400_000);
});

test('where no rule fired, a longer range is offered', async () => {
  server.use(http.get(url('/api/v1/rules'), () => HttpResponse.json({ items: [], next_cursor: null })));
  await renderApp('/rules', sessionOf('rules:read'));
  expect(await screen.findByRole('button', { name: 'Show the last 90 days' }, { timeout: 10_000 })).toBeVisible();
});
