import { useQueries } from '@tanstack/react-query';
import { memo } from 'react';
import { ColumnPicker } from '@/domain/grid/ColumnPicker';
import type { GridColumn } from '@/domain/grid/columns';
import type { Selection } from '@/domain/grid/selection';
import { LiveIndicator } from '@/domain/LiveIndicator';
import { ListHead, News, Searchless } from '@/domain/list/ListPage';
import { SavedViews } from '@/domain/list/SavedViews';
import type { ViewContent } from '@/domain/list/views';
import { formatCount } from '@/lib/format';
import { type Alert, countQuery } from './queries';
import type { AlertSearch } from './search';
import { useCountedWithout } from './useCounts';
import type { Fresh } from './useFresh';
import { contentOf, queryOfView, VIEWS } from './views';

interface Props {
  search: AlertSearch;
  fresh: Fresh;
  selection: Selection;
  columns: readonly GridColumn<Alert>[];
  onNew: () => void;
  onView: (key: string, content: ViewContent) => void;
  onColumns: (columns: string[] | undefined) => void;
}

/** Which list it is, what is new in it, and whether it is live. */
export const Head = memo(function Head({ search, fresh, selection, columns, onNew, onView, onColumns }: Props) {
  const counted = useQueries({ queries: VIEWS.map((view) => countQuery(queryOfView(view))) });
  const counts = Object.fromEntries(VIEWS.map((view, at) => [view.key, counted[at]?.data]));
  const without = useCountedWithout(search);
  const some = selection.ids.size > 0 ? `${formatCount(selection.ids.size)} selected` : undefined;
  return (
    <ListHead
      title="Alerts"
      views={
        <SavedViews
          kind="alert"
          builtIn={VIEWS}
          open={search.view}
          current={contentOf(search)}
          onOpen={onView}
          counts={counts}
        />
      }
    >
      {fresh.count > 0 && <News onShow={onNew}>{formatCount(fresh.count)} new</News>}
      <Searchless why={without} />
      <LiveIndicator lag={fresh.lag} paused={selection.allSince ? 'all are selected' : some} />
      <ColumnPicker columns={columns} chosen={search.columns} onChange={onColumns} />
    </ListHead>
  );
});
