import { formatCount } from '@/lib/format';

/** The API counts no further. */
const MANY = 10_000;

/** 10,000+ where there may be more. */
export const countSaid = (count: number): string => `${formatCount(count)}${count >= MANY ? '+' : ''}`;
