import { Columns2, Plus, Rows3, SlidersHorizontal } from 'lucide-react';
import { ColumnPicker } from '@/domain/grid/ColumnPicker';
import type { GridColumn } from '@/domain/grid/columns';
import { LiveIndicator } from '@/domain/LiveIndicator';
import { ListHead, News } from '@/domain/list/ListPage';
import { SavedViews } from '@/domain/list/SavedViews';
import type { ViewContent } from '@/domain/list/views';
import { useMay } from '@/domain/session';
import { Button, IconButton } from '@/ui/Button';
import { Kbd } from '@/ui/Kbd';
import { Segmented } from '@/ui/Segmented';
import type { Incident } from './queries';
import type { IncidentSearch } from './search';
import { contentOf, VIEWS } from './views';

const LAYOUTS = [
  [
    'table',
    <>
      <Rows3 key="sign" size={13} aria-hidden="true" /> Table
    </>,
  ],
  [
    'board',
    <>
      <Columns2 key="sign" size={13} aria-hidden="true" /> Board
    </>,
  ],
] as const;

interface Props {
  search: IncidentSearch;
  columns: readonly GridColumn<Incident>[];
  /** What happened since the list was read; empty where nothing did. */
  news: string;
  lag: number | undefined;
  filters: boolean;
  onNews: () => void;
  onFilters: () => void;
  onNew: () => void;
  onView: (key: string, content: ViewContent) => void;
  onSearch: (search: IncidentSearch) => void;
}

/** What is shown of it and how, what is new, and what begins another. */
export function Head({ search, columns, news, lag, filters, onNews, onFilters, onNew, onView, onSearch }: Props) {
  const may = useMay('incidents:write');
  const { layout } = search;
  return (
    <ListHead
      title="Incidents"
      views={
        <SavedViews kind="incident" builtIn={VIEWS} open={search.view} current={contentOf(search)} onOpen={onView} />
      }
    >
      {news && <News onShow={onNews}>{news}</News>}
      <LiveIndicator lag={lag} />
      <IconButton label={filters ? 'Hide filters' : 'Show filters'} aria-pressed={filters} onClick={onFilters}>
        <SlidersHorizontal size={14} aria-hidden="true" />
      </IconButton>
      {layout !== 'board' && (
        <ColumnPicker
          columns={columns}
          chosen={search.columns}
          onChange={(chosen) => onSearch({ ...search, columns: chosen })}
        />
      )}
      <Segmented
        bare
        label="Layout"
        options={LAYOUTS}
        value={layout ?? 'table'}
        onChange={(next) => onSearch({ ...search, layout: next === 'board' ? 'board' : undefined })}
      />
      {may && (
        <Button variant="primary" onClick={onNew}>
          <Plus size={13} aria-hidden="true" />
          New incident
          <Kbd>N</Kbd>
        </Button>
      )}
    </ListHead>
  );
}
