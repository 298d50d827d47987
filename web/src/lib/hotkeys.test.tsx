import { render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { afterEach, expect, test, vi } from 'vitest';
import { commandsNow } from './commands';
import { type Hotkeys, useHotkeys } from './hotkeys';
import { changeLook } from './look';

function Page({ keys }: { keys: Hotkeys }) {
  useHotkeys(keys);
  return <input aria-label="Query" />;
}

afterEach(() => changeLook({ shortcuts: true }));

test('a key does what it says, but not while somebody types', async () => {
  const run = vi.fn();
  const { getByLabelText } = render(<Page keys={{ e: run }} />);
  await userEvent.keyboard('e');
  await userEvent.type(getByLabelText('Query'), 'e');
  expect(run).toHaveBeenCalledOnce();
});

test('a key with a label is a command too, for as long as its page is there', async () => {
  const run = vi.fn();
  const { unmount } = render(<Page keys={{ e: { label: 'Acknowledge', run }, x: () => undefined }} />);
  expect(commandsNow()).toEqual([{ key: 'e', label: 'Acknowledge', run }]);
  await userEvent.keyboard('e');
  expect(run).toHaveBeenCalledOnce();
  unmount();
  expect(commandsNow()).toEqual([]);
});

test('who turned shortcuts off keeps Escape alone', async () => {
  const [letter, leave] = [vi.fn(), vi.fn()];
  render(<Page keys={{ e: letter, Escape: leave }} />);
  changeLook({ shortcuts: false });
  await userEvent.keyboard('e{Escape}');
  expect(letter).not.toHaveBeenCalled();
  expect(leave).toHaveBeenCalledOnce();
});
