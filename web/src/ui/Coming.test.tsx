import { render } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test, vi } from 'vitest';
import { useHotkeys } from '@/lib/hotkeys';
import { Coming } from './Coming';

function Keys({ run }: { run: () => void }) {
  useHotkeys({ e: run });
  return null;
}

test('what is typed before a dialog is there is no shortcut, and is kept for it', async () => {
  const run = vi.fn();
  const typed: string[] = [];
  const keep = (character: string) => typed.push(character);
  const { rerender } = render(<Keys run={run} />);
  rerender(
    <>
      <Keys run={run} />
      <Coming onText={keep} />
    </>,
  );
  await userEvent.keyboard('we{Shift}');
  expect(run).not.toHaveBeenCalled();
  expect(typed).toEqual(['w', 'e']);
  rerender(<Keys run={run} />);
  await userEvent.keyboard('e');
  expect(run).toHaveBeenCalledOnce();
});
