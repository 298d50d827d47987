import type { components } from '@/api/schema';

export type TlpLevel = components['schemas']['Tlp'];

/** The levels of the Traffic Light Protocol 2.0, from what all may know to what few may. */
export const TLPS: readonly TlpLevel[] = ['clear', 'green', 'amber', 'amber+strict', 'red'];

export const tlpLabel = (level: TlpLevel): string => `TLP:${level.toUpperCase()}`;

/** The same as a Select has them. */
export const TLP_CHOICES = TLPS.map((level) => [level, tlpLabel(level)] as const);
