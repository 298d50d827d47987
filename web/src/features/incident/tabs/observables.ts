import { TLP_CHOICES } from '@/domain/tlps';
import type { Incident } from '../queries';

/** A TLP of its own, or that of the incident. */
export const TLP_OPTIONS: readonly (readonly [Incident['tlp'] | '', string])[] = [
  ['', 'As the incident'],
  ...TLP_CHOICES,
];
