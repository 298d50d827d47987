import type { Listed } from './queries';

/** What became of records that something was asked of. */
export function tallyOf(records: readonly Pick<Listed, 'status' | 'requested'>[]) {
  const tally = { stored: 0, open: 0, discarded: 0, waiting: 0 };
  for (const { status, requested } of records) {
    if (requested) tally.waiting += 1;
    else if (status === 'redriven') tally.stored += 1;
    else if (status === 'discarded') tally.discarded += 1;
    else tally.open += 1;
  }
  return tally;
}
