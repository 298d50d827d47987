import { expect, test } from 'vitest';
import { defanged } from './defang';

test.each([
  ['https://evil.example/a.exe', 'hxxps://evil[.]example/a[.]exe'],
  ['192.0.2.1', '192[.]0[.]2[.]1'],
  ['2001:db8::1', '2001[:]db8[:]:1'],
  ['a.person@example.org', 'a[.]person[@]example[.]org'],
  ['C:\\Temp\\a.exe', 'C:\\Temp\\a[.]exe'],
])('%s', (value, harmless) => {
  expect(defanged(value)).toBe(harmless);
});
