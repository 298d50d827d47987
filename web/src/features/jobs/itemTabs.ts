import type { Job } from '@/domain/job/job';
import type { Tab } from '@/ui/Tabs';
import type { ItemStatus } from './queries';

type Counts = Pick<Job, 'total' | 'done' | 'skipped' | 'failed'>;

/** What somebody wants to see first: what failed, then what was left out, then the rest. */
export function firstOf({ done, skipped, failed }: Counts): ItemStatus {
  if (failed > 0) return 'failed';
  if (skipped > 0) return 'skipped';
  return done > 0 ? 'done' : 'pending';
}

/** Rows by what became of them, with how many they are. */
export function tabsOf({ total, done, skipped, failed }: Counts): Tab<ItemStatus>[] {
  return [
    { key: 'failed', label: 'Failed', count: failed },
    { key: 'skipped', label: 'Skipped', count: skipped },
    { key: 'done', label: 'Done', count: done },
    { key: 'pending', label: 'Not yet', count: Math.max(0, total - done - skipped - failed) },
  ];
}
