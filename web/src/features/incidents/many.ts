import { asApiError } from '@/api/problem';
import { type Change, send, undoing, whyNot } from './change';
import type { Incident } from './queries';

export interface Outcome {
  matched: number;
  /** As they were, and as they are. */
  done: { before: Incident; now: Incident }[];
  left: { row: Incident; why: string }[];
  failed: { row: Incident; why: string }[];
}

/** As many at once as a person would hardly do by hand, and a server does not notice. */
const AT_ONCE = 4;

/** The same change of several incidents, each with the revision that was seen. Stopped, it leaves the rest alone. */
export async function changeMany(
  rows: readonly Incident[],
  change: Change,
  tell: (outcome: Outcome) => void,
  signal: AbortSignal,
): Promise<Outcome> {
  return run(
    rows.map((row) => ({ row, change })),
    tell,
    signal,
  );
}

/** Takes back what was done, as far as there is a way. */
export function undoMany({ done }: Outcome, change: Change, tell: (outcome: Outcome) => void, signal: AbortSignal) {
  const steps = done.flatMap(({ before, now }) => {
    const back = undoing(before, change);
    return back ? [{ row: now, change: back }] : [];
  });
  return run(steps, tell, signal);
}

async function run(
  steps: readonly { row: Incident; change: Change }[],
  tell: (outcome: Outcome) => void,
  signal: AbortSignal,
): Promise<Outcome> {
  const outcome: Outcome = { matched: steps.length, done: [], left: [], failed: [] };
  const waiting = [...steps];
  async function work() {
    for (let step = waiting.shift(); step && !signal.aborted; step = waiting.shift()) {
      const { row, change } = step;
      const why = whyNot(row, change);
      if (why) outcome.left.push({ row, why });
      else
        await send(row, change)
          .then((after) => outcome.done.push({ before: row, now: { ...row, ...after } }))
          .catch((error: unknown) => outcome.failed.push({ row, why: whyFailed(error) }));
      tell({ ...outcome });
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return outcome;
}

function whyFailed(error: unknown): string {
  const { status, message } = asApiError(error);
  return status === 412 ? 'Somebody changed it meanwhile' : message;
}
