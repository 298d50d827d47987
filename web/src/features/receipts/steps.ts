import type { Receipt } from './queries';

export type StepState = 'done' | 'now' | 'ahead' | 'failed';

export interface Step {
  name: string;
  state: StepState;
  said: string;
  at: string | null;
}

type Known = Pick<
  Receipt,
  'state' | 'search' | 'kind' | 'accepted_at' | 'stored_at' | 'searchable_at' | 'redriven_at' | 'discarded_at'
>;

/** The way of a record in plain words, as far as it is known, and what is still ahead. */
export function pathOf(receipt: Known): Step[] {
  const way = [accepted(receipt)];
  if (receipt.state === 'queued_or_unknown') return [...way, ahead('Stored'), ahead('Searchable')];
  if (receipt.state === 'storing') return [...way, now('Stored', 'Being stored.'), ahead('Searchable')];
  if (receipt.kind === 'quarantine') return [...way, ...quarantined(receipt)];
  if (receipt.state === 'quarantined')
    return [...way, failed('Quarantined', 'Nothing of it could be read. It waits in quarantine.', receipt.stored_at)];
  return [...way, done('Stored', 'Kept for good, as long as retention says.', receipt.stored_at), searchable(receipt)];
}

function accepted({ state, accepted_at }: Known): Step {
  if (state === 'queued_or_unknown')
    return now('Accepted', 'It is in the queue, or was never here: what waits in the queue cannot be told apart yet.');
  return done('Accepted', 'The door took it, and it cannot be lost any more.', accepted_at ?? null);
}

function quarantined(receipt: Known): Step[] {
  const waited: Step = { name: 'Quarantined', state: 'done', said: 'It could not be read when it came.', at: null };
  switch (receipt.state) {
    case 'discarded':
      return [waited, failed('Discarded', 'Somebody decided that it is not to be stored.', receipt.discarded_at)];
    case 'redriven':
    case 'stored':
    case 'searchable':
      return [
        waited,
        done('Re-driven', 'It was read anew, and became an event.', receipt.redriven_at ?? receipt.stored_at),
        searchable(receipt),
      ];
    default:
      return [
        { ...waited, state: 'failed', said: 'It could not be read. It waits there to be mended.' },
        ahead('Stored'),
      ];
  }
}

function searchable({ state, search, searchable_at, kind }: Known): Step {
  if (search === 'refused')
    return failed('Searchable', 'Search does not take the document. It is stored, and opens from its alert.', null);
  if (search === 'unavailable') return now('Searchable', 'Search cannot be asked now. What is stored is found later.');
  if (search === 'pending') return now('Searchable', 'Found within seconds.');
  if (state === 'searchable' || search === 'found')
    return done(
      'Searchable',
      kind === 'batch' ? 'All that was stored of it can be found.' : 'It is found by search.',
      searchable_at,
    );
  return ahead('Searchable');
}

const done = (name: string, said: string, at: string | null | undefined): Step => ({
  name,
  state: 'done',
  said,
  at: at ?? null,
});
const now = (name: string, said: string): Step => ({ name, state: 'now', said, at: null });
const ahead = (name: string): Step => ({ name, state: 'ahead', said: 'Not yet.', at: null });
const failed = (name: string, said: string, at: string | null | undefined): Step => ({
  name,
  state: 'failed',
  said,
  at: at ?? null,
});
