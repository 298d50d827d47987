import { expect, test } from 'vitest';
import { agentName } from './agent';
import { parseSearch } from './search';

test('browsers are told by name, and what is none as it is', () => {
  expect(
    agentName(
      'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Safari/537.36 Edg/140.0',
    ),
  ).toBe('Edge on Windows');
  expect(agentName('Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0')).toBe('Firefox on Linux');
  expect(agentName('curl/8.5.0')).toBe('curl');
  expect(agentName('Python-urllib/3.11')).toBe('Python-urllib/3.11');
  expect(agentName('')).toBe('Unknown');
});

test('only parts of ours are opened', () => {
  expect([{ tab: 'security' }, { tab: 'profile' }, { tab: 'x' }, {}].map((raw) => parseSearch(raw).tab)).toEqual([
    'security',
    undefined,
    undefined,
    undefined,
  ]);
});
