import { ListFoot, RowsOf, type RowsShown } from '@/domain/list/ListFoot';
import type { Explorer } from './useExplorer';

const HINTS = [
  [['J', 'K'], 'move'],
  [['↵'], 'open'],
  [['←', '→'], 'cell'],
  [['F'], 'filter'],
  [['/'], 'search'],
  [['?'], 'all shortcuts'],
] as const;

/** Where in the list one is. */
export function Foot({ explorer: { list, whole }, rows }: { explorer: Explorer; rows: RowsShown }) {
  return (
    <ListFoot
      hints={HINTS}
      loading={list.isFetchingNextPage}
      onRetry={list.isFetchNextPageError ? () => void list.fetchNextPage() : undefined}
    >
      <RowsOf rows={rows} whole={whole} />
      <span>Latest first</span>
    </ListFoot>
  );
}
