import { PATHS } from '@/app/paths';
import { type Range, rangeOf } from '@/domain/list/range';

const NONE: Range = {};

/** Pages that show a range of time; whoever chose one on one of them looks at the same time on the others. */
const RANGED: readonly string[] = [PATHS.alerts, PATHS.explorer];

/** The range that was chosen last: that of this page, where it shows one, or that of the one before. */
export const rangeAt = (path: string, search: Readonly<Record<string, unknown>>, before: Range): Range =>
  RANGED.includes(path) ? rangeOf(search) : before;

/** What is taken along on the way to a place. To where one is, nothing is: that begins it anew. */
export const takenTo = (path: string, here: string, range: Range): Range =>
  RANGED.includes(path) && path !== here ? range : NONE;
