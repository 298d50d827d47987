import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useMemo, useRef, useState } from 'react';
import { asApiError } from '@/api/problem';
import { useSession } from '@/domain/session';
import { complain } from '@/ui/toast';
import s from './Board.module.css';
import { BoardCard } from './BoardCard';
import { BoardColumn } from './BoardColumn';
import { menuOf } from './boardMenu';
import { type BoardData, type BoardPart, boardQuery, type Incident, moreOf } from './queries';
import type { IncidentSearch } from './search';
import { whyNotTo } from './useActions';
import { useBoardMoves } from './useBoardMoves';

const NO_PARTS: readonly BoardPart[] = [];

interface Props {
  search: IncidentSearch;
  onOpen: (row: Incident) => void;
}

/** The incidents by status. A card moves by dragging, by its menu and by key; where it may not go is said. */
export function Board({ search, onOpen }: Props) {
  const { user } = useSession();
  const board = useRef<HTMLElement>(null);
  const query = useQuery(boardQuery(search));
  const parts = query.data?.parts ?? NO_PARTS;
  const rows = useMemo(() => parts.flatMap((part) => part.items), [parts]);
  const [dragged, setDragged] = useState<Incident | undefined>();
  const [at, setAt] = useState<string | undefined>();
  const { actions, move, said } = useBoardMoves({ board, parts, rows, at, onOpen });
  const more = useMore(search);
  const first = rows.some((row) => row.id === at) ? at : rows[0]?.id;
  return (
    <>
      <section ref={board} className={s.board} aria-label="Board" aria-busy={query.isPlaceholderData || undefined}>
        {parts.map((part) => (
          <BoardColumn
            key={part.status}
            part={part}
            drop={dragged && dragged.status !== part.status ? whyNotTo(dragged, part.status) === undefined : undefined}
            onDrop={() => dragged && move(dragged, part.status)}
            more={part.next ? { load: () => more.mutate(part), busy: more.isPending } : undefined}
            onRetry={() => void query.refetch()}
          >
            {part.items.map((row) => (
              <BoardCard
                key={row.id}
                row={row}
                column={part.status}
                me={user.id}
                first={row.id === first}
                dragged={dragged?.id === row.id}
                draggable={actions.may && part.status !== 'merged'}
                menu={menuOf(row, actions, { onOpen: () => onOpen(row), onMove: (to) => move(row, to) })}
                onDrag={setDragged}
                onFocus={() => setAt(row.id)}
              />
            ))}
          </BoardColumn>
        ))}
      </section>
      <p className="u-visually-hidden" role="status">
        {said}
      </p>
      {actions.dialogs}
    </>
  );
}

/** What follows in a column, behind what is shown of it. */
function useMore(search: IncidentSearch) {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (part: BoardPart) => moreOf(search, part),
    onSuccess: (page, { status }) =>
      client.setQueryData<BoardData>(boardQuery(search).queryKey, (data) => {
        if (!data) return data;
        const known = new Set(data.parts.flatMap((part) => part.items.map((row) => row.id)));
        const later = page.items.filter((row) => !known.has(row.id));
        const parts = data.parts.map((part) =>
          part.status === status ? { ...part, items: [...part.items, ...later], next: page.next_cursor ?? null } : part,
        );
        return { ...data, parts };
      }),
    onError: (error) => complain({ title: 'No more could be loaded', description: asApiError(error).message }),
  });
}
