import type { components } from '@/api/schema';

export type Verdict = components['schemas']['Verdict'];

/** What an alert turned out to be, the likeliest of a working day first. */
export const VERDICTS: readonly (readonly [Verdict, string])[] = [
  ['false_positive', 'False positive'],
  ['benign_positive', 'Benign positive'],
  ['true_positive', 'True positive'],
  ['undetermined', 'Undetermined'],
];
