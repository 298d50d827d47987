import type { BuiltInView } from '@/domain/list/SavedViews';

const builtIn = (key: string, name: string, query: string): BuiltInView => ({
  key,
  name,
  content: { query, sort: null, columns: [] },
});

/** Views that are always there. */
export const VIEWS: readonly BuiltInView[] = [
  builtIn('all', 'All events', ''),
  builtIn('detections', 'Detections', 'event.kind:"alert"'),
  builtIn('sign-ins', 'Failed sign-ins', 'event.category:authentication AND event.outcome:failure'),
];
