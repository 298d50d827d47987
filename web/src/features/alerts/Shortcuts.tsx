import { Button } from '@/ui/Button';
import { Dialog, DialogActions } from '@/ui/Dialog';
import { Kbd } from '@/ui/Kbd';
import s from './dialogs.module.css';

const KEYS: readonly (readonly [keys: readonly string[], does: string])[] = [
  [['J', 'K'], 'Next and previous alert; with Shift, select them'],
  [['←', '→'], 'From cell to cell'],
  [['X'], 'Select'],
  [['O', '↵'], 'Preview'],
  [['Shift+↵'], 'Open the whole page'],
  [['E'], 'Acknowledge, and go to the next'],
  [['A'], 'Assign'],
  [['M'], 'Assign to me'],
  [['S'], 'Status'],
  [['T'], 'Tag'],
  [['Z'], 'Snooze'],
  [['I'], 'Link to an incident'],
  [['C'], 'Close with a verdict, and go to the next'],
  [['F'], 'Filter for the cell; with Shift, filter it out'],
  [['Y'], 'Copy the cell'],
  [['/'], 'Search'],
  [['.'], 'Show what is new'],
  [['Esc'], 'One step back'],
];

/** Every key of the queue. Each is a control that can be seen too. */
export function Shortcuts({ onLeave }: { onLeave: () => void }) {
  return (
    <Dialog title="Keys of the queue" onLeave={onLeave}>
      <dl className={s.keys}>
        {KEYS.map(([keys, does]) => (
          <div key={does} className={s.key}>
            <dt>
              {keys.map((key) => (
                <Kbd key={key}>{key}</Kbd>
              ))}
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <DialogActions>
        <Button variant="primary" onClick={onLeave}>
          Done
        </Button>
      </DialogActions>
    </Dialog>
  );
}
