import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useEffect, useState } from 'react';
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

function Twice() {
  const [step, setStep] = useState(0);
  const leave = () => setStep(0);
  return (
    <>
      <button type="button" onClick={() => setStep(1)}>
        Make
      </button>
      {step === 1 && (
        <Dialog key="first" title="Which" onLeave={leave}>
          <button type="button" onClick={() => setStep(2)}>
            Go on
          </button>
        </Dialog>
      )}
      {step === 2 && (
        <Dialog key="second" title="Made" onLeave={leave}>
          Done.
        </Dialog>
      )}
    </>
  );
}

test('who leaves a dialog that another one led to is where they were before both', async () => {
  render(<Twice />);
  const make = screen.getByRole('button', { name: 'Make' });
  await userEvent.click(make);
  await userEvent.click(await screen.findByRole('button', { name: 'Go on' }));
  await screen.findByRole('dialog', { name: 'Made' });
  await userEvent.keyboard('{Escape}');
  await waitFor(() => expect(make).toHaveFocus());
});

function Inside() {
  const [made, setMade] = useState(false);
  return (
    <Dialog title={made ? 'Made' : 'Which'} onLeave={() => undefined}>
      {made ? (
        'Done.'
      ) : (
        <button type="button" onClick={() => setMade(true)}>
          Go on
        </button>
      )}
    </Dialog>
  );
}

test('a dialog has the focus when what had it inside is gone', async () => {
  render(<Inside />);
  await userEvent.click(await screen.findByRole('button', { name: 'Go on' }));
  const dialog = screen.getByRole('dialog', { name: 'Made' });
  await waitFor(() => expect(dialog.contains(document.activeElement)).toBe(true));
});

function ByKey() {
  const [open, setOpen] = useState(false);
  useEffect(() => {
    const ask = (event: KeyboardEvent) => event.key === '?' && setOpen(true);
    document.addEventListener('keydown', ask);
    return () => document.removeEventListener('keydown', ask);
  }, []);
  return (
    <>
      <a href="#main">Skip to the page</a>
      {open && (
        <Dialog title="Keys" onLeave={() => setOpen(false)}>
          <button type="button">Fine</button>
        </Dialog>
      )}
    </>
  );
}

test('who opened a dialog by a key, with the focus nowhere, is not led to the first link of the page', async () => {
  render(<ByKey />);
  await userEvent.keyboard('?');
  await screen.findByRole('button', { name: 'Fine' });
  await userEvent.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('dialog')).toBeNull());
  await new Promise((done) => setTimeout(done, 50));
  expect(screen.getByRole('link', { name: 'Skip to the page' })).not.toHaveFocus();
});
