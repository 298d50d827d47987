import { expect, test } from 'vitest';
import { incidentQueryOf } from './incident';

test.each([
  ['', ''],
  ['#12', 'number:12'],
  [' 12 ', 'number:12'],
  ['observable:198.51.100.7', 'observable:198.51.100.7'],
  ['12 hosts', 'title:"12 hosts*" OR (12 hosts)'],
  ['phishing AND tags:vip', 'phishing AND tags:vip'],
  ['mail OR dns', 'mail OR dns'],
])('%s asks for %s', (text, query) => {
  expect(incidentQueryOf(text)).toBe(query);
});
