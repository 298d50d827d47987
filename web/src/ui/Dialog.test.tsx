import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { expect, test } from 'vitest';
import { Dialog } from './Dialog';

function Asking() {
  const [open, setOpen] = useState(false);
  return (
    <>
      <button type="button" onClick={() => setOpen(true)}>
        Ask
      </button>
      {open && (
        <Dialog title="Why" onLeave={() => setOpen(false)}>
          <input aria-label="Reason" autoFocus />
        </Dialog>
      )}
    </>
  );
}

test('who leaves a dialog is where they were', async () => {
  render(<Asking />);
  const ask = screen.getByRole('button', { name: 'Ask' });
  await userEvent.click(ask);
  await screen.findByRole('textbox', { name: 'Reason' });
  await userEvent.keyboard('{Escape}');
  await waitFor(() => expect(ask).toHaveFocus());
});
