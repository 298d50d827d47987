import { expect, test, vi } from 'vitest';
import { commandsNow, keyName, offerCommands } from './commands';

test('what is offered is there until it is taken away, as it is when somebody looks', () => {
  let label = 'Acknowledge';
  const run = vi.fn();
  const end = offerCommands(() => [{ label, key: 'e', run }]);
  const other = offerCommands(() => [{ label: 'Close', run }]);
  label = 'Reopen';
  expect(commandsNow().map((one) => one.label)).toEqual(['Reopen', 'Close']);
  end();
  expect(commandsNow().map((one) => one.label)).toEqual(['Close']);
  other();
  expect(commandsNow()).toEqual([]);
});

test('of two with one label the first is kept', () => {
  const ends = ['e', 'x'].map((key) => offerCommands(() => [{ label: 'Close', key, run: () => undefined }]));
  expect(commandsNow().map((one) => one.key)).toEqual(['e']);
  for (const end of ends) end();
});

test('keys are told as they stand on the keyboard', () => {
  expect(['e', 'J', 'Enter', 'Escape', '?', 'F2'].map(keyName)).toEqual(['E', '⇧J', '↵', 'Esc', '?', 'F2']);
});
