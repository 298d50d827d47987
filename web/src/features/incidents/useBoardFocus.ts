import { type RefObject, useEffect, useRef } from 'react';

/** Where the focus goes on the board, by what is drawn: cards of a column, and columns beside it. */
export function useBoardFocus(board: RefObject<HTMLElement | null>, under: boolean) {
  const kept = useRef<string | undefined>(undefined);
  // A card that goes to another column is drawn anew there, and the focus with it: under a dialog, when that is gone.
  useEffect(() => {
    const id = kept.current;
    const card = id && !under ? cardOf(board.current, id) : null;
    if (!card) return;
    kept.current = undefined;
    card.focus();
  });
  function at() {
    const active = document.activeElement;
    const card = active instanceof HTMLElement ? active.closest<HTMLElement>('[data-card]') : null;
    return card && board.current?.contains(card) ? card : null;
  }
  function step(by: number) {
    const card = at();
    const cards = cardsOf(card?.closest('[data-column]') ?? board.current);
    const next = card ? cards[cards.indexOf(card) + by] : cards[0];
    next?.focus();
  }
  function aside(by: number) {
    const card = at();
    const columns = [...(board.current?.querySelectorAll<HTMLElement>('[data-column]') ?? [])];
    const here = columns.findIndex((column) => column.contains(card));
    const place = cardsOf(columns[here]).indexOf(card as HTMLElement);
    for (let column = here + by; columns[column]; column += by) {
      const cards = cardsOf(columns[column]);
      const next = cards[Math.min(Math.max(place, 0), cards.length - 1)];
      if (next) return next.focus();
    }
  }
  return {
    /** The card that has the focus, by its incident's id. */
    current: () => at()?.dataset.card,
    step,
    aside,
    /** Have the focus on it again when it is drawn. */
    keep: (id: string) => {
      kept.current = id;
    },
  };
}

const cardsOf = (inside: Element | null | undefined): HTMLElement[] => [
  ...(inside?.querySelectorAll<HTMLElement>('[data-card]') ?? []),
];

const cardOf = (board: HTMLElement | null, id: string): HTMLElement | null =>
  board?.querySelector<HTMLElement>(`[data-card="${CSS.escape(id)}"]`) ?? null;
