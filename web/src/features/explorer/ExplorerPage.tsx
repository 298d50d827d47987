import { getRouteApi } from '@tanstack/react-router';
import { useCallback, useMemo, useState } from 'react';
import type { CellValue } from '@/domain/grid/columns';
import { useRowsShown } from '@/domain/list/ListFoot';
import { ListPage } from '@/domain/list/ListPage';
import { toggled } from '@/domain/list/search';
import { useFirstView } from '@/domain/list/useFirstView';
import type { ViewContent } from '@/domain/list/views';
import { useZoneLabel } from '@/domain/Time';
import { Banner } from '@/ui/Banner';
import { complain } from '@/ui/toast';
import { columnsOf, fieldsOf, MOST_FIELDS, saidOf, withColumn } from './columns';
import { EventDrawer } from './EventDrawer';
import { EventList, isAway } from './EventList';
import { FieldList } from './FieldList';
import { Foot } from './Foot';
import { Head } from './Head';
import { QueryLine } from './QueryLine';
import { type ExplorerSearch, searchOfView } from './search';
import { useExplorer } from './useExplorer';
import { useExplorerKeys } from './useExplorerKeys';
import { Volume } from './Volume';
import { VIEWS } from './views';

const route = getRouteApi('/app/explorer');

/** All events that are stored: asked for, counted over time, and each of them whole. */
export default function ExplorerPage() {
  const search = route.useSearch();
  const { ask, openView, show } = useSearchChanges();
  const explorer = useExplorer(search, show);
  useFirstView({
    kind: 'event',
    builtIn: VIEWS,
    said: Object.values(search).some((one) => one !== undefined),
    onOpen: openView,
  });
  const zone = useZoneLabel();
  const columns = useMemo(() => columnsOf(explorer.columns, zone), [explorer.columns, zone]);
  const [shown, setShown] = useState<readonly string[]>([]);
  const [rows, setRows] = useRowsShown();
  const filter = ({ field, value }: CellValue, out: boolean) =>
    ask({ chosen: toggled(search.chosen, out ? `-${field}` : field, value) });
  function choose(ids: readonly string[]) {
    explorer.prepare(ids);
    ask({ columns: saidOf(ids) });
  }
  function column(id: string) {
    const wanted = withColumn(explorer.columns, id);
    if (fieldsOf(wanted).length <= MOST_FIELDS) choose(wanted);
    else complain({ title: `No column for ${id}`, description: `A table shows ${MOST_FIELDS} fields at most.` });
  }
  useExplorerKeys({ explorer, columns, shown, open: search.open !== undefined, onFilter: filter, onOpen: show });
  const { list, asked, events } = explorer;
  return (
    <ListPage
      head={<Head search={search} explorer={explorer} onView={openView} onColumns={choose} />}
      over={
        <>
          <QueryLine search={search} asked={asked} error={list.error} onAsk={ask} />
          {list.isError && events.length > 0 && (
            <Banner tone="warning">
              {isAway(list.error)
                ? 'OpenSearch is away, so events cannot be searched now'
                : 'This could not be asked anew'}
              . What is shown is what it was.
            </Banner>
          )}
          <Volume
            explorer={explorer}
            live={!search.to}
            onRange={(range) => ask({ last: undefined, from: undefined, to: undefined, ...range })}
          />
        </>
      }
      aside={<FieldList asked={asked} columns={explorer.columns} onColumn={column} onFilter={filter} />}
      preview={
        search.open && (
          <EventDrawer
            id={search.open}
            columns={explorer.columns}
            onColumn={column}
            onFilter={filter}
            onLeave={() => show(undefined)}
          />
        )
      }
      foot={<Foot explorer={explorer} rows={rows} />}
    >
      <EventList
        search={search}
        explorer={explorer}
        columns={columns}
        onOpen={(index) => {
          explorer.cursor.to(index);
          show(events[index]?.id);
        }}
        onFilter={filter}
        onAsk={ask}
        onColumns={setShown}
        onView={setRows}
      />
    </ListPage>
  );
}

/** What changes the URL. */
function useSearchChanges() {
  const navigate = route.useNavigate();
  const ask = useCallback(
    (patch: Partial<ExplorerSearch>) => void navigate({ search: (before) => ({ ...before, ...patch }) }),
    [navigate],
  );
  const openView = useCallback(
    (key: string, content: ViewContent) => void navigate({ search: searchOfView(key, content) }),
    [navigate],
  );
  // Going back leaves the list, not one event after the other.
  const show = useCallback(
    (open: string | undefined) => void navigate({ search: (before) => ({ ...before, open }), replace: true }),
    [navigate],
  );
  return { ask, openView, show };
}
