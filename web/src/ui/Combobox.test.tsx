import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { useState } from 'react';
import { expect, test, vi } from 'vitest';
import { Combobox } from './Combobox';
import { Dialog } from './Dialog';

const PEOPLE = [
  { value: 'ada', label: 'Ada' },
  { value: 'ari', label: 'Ari' },
];

function Assigning({ onLeave }: { onLeave: () => void }) {
  const [person, setPerson] = useState<string | null>('ari');
  return (
    <Dialog title="Assign" onLeave={onLeave}>
      <Combobox label="To" choices={PEOPLE} value={person} onChange={setPerson} />
    </Dialog>
  );
}

test('escape closes the list, then the dialog, and leaves what was chosen', async () => {
  const onLeave = vi.fn();
  render(<Assigning onLeave={onLeave} />);
  const field = await screen.findByRole('combobox', { name: 'To' });
  await userEvent.click(field);
  await screen.findByRole('listbox', { name: 'To' });
  await userEvent.keyboard('{Escape}');
  await waitFor(() => expect(screen.queryByRole('listbox')).toBeNull());
  expect(onLeave).not.toHaveBeenCalled();
  await userEvent.keyboard('{Escape}');
  expect(onLeave).toHaveBeenCalledOnce();
  expect(field).toHaveValue('Ari');
});
