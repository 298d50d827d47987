import type { Incident } from '../queries';

/** A TLP of its own, or that of the incident. */
export const TLP_OPTIONS: readonly (readonly [Incident['tlp'] | '', string])[] = [
  ['', 'As the incident'],
  ['clear', 'TLP:CLEAR'],
  ['green', 'TLP:GREEN'],
  ['amber', 'TLP:AMBER'],
  ['amber+strict', 'TLP:AMBER+STRICT'],
  ['red', 'TLP:RED'],
];

/** `a, b` as tags. */
export const tagsOf = (text: string): string[] =>
  text
    .split(',')
    .map((one) => one.trim())
    .filter(Boolean);
