import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { type ChangeEvent, type KeyboardEvent, type RefObject, useId, useState } from 'react';
import { fieldOffers, type Offer, operatorOffers, put, spotAt, valueOffers } from './complete';
import { fieldsQuery, type Of } from './fields';

/** Asks the server for the most frequent values of a field that begin so. */
export type ValuesOf = (field: string, begun: string, signal: AbortSignal) => Promise<readonly (string | number)[]>;

const NONE: readonly Offer[] = [];

/** What is typed, what could be, and the keys by which one is taken for the other. */
export function useCompletion<E extends HTMLInputElement | HTMLTextAreaElement>(
  of: Of,
  first: string,
  input: RefObject<E | null>,
  valuesOf?: ValuesOf,
) {
  const [text, setText] = useState(first);
  const [caret, setCaret] = useState<number | undefined>();
  const [at, setAt] = useState(-1);
  const list = useId();
  const spot = caret === undefined ? undefined : spotAt(text, caret);
  const { data: fields = [] } = useQuery({ ...fieldsQuery(of), enabled: caret !== undefined });
  const field = spot?.kind === 'value' ? fields.find((one) => one.name === spot.field) : undefined;
  const { data: seen = [] } = useQuery({
    queryKey: ['values', of, field?.name, spot?.typed],
    queryFn: ({ signal }) => valuesOf?.(field?.name ?? '', spot?.typed ?? '', signal) ?? [],
    enabled: valuesOf !== undefined && field !== undefined && field.choices.length === 0,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
    retry: false,
  });
  const offers =
    spot?.kind === 'field'
      ? fieldOffers(fields, spot.typed)
      : spot?.kind === 'operator'
        ? operatorOffers()
        : spot && field
          ? valueOffers(field, spot.typed, seen)
          : NONE;

  function write(other: string, to: number) {
    setText(other);
    setCaret(undefined);
    requestAnimationFrame(() => input.current?.setSelectionRange(to, to));
  }
  function take(offer: Offer) {
    if (!spot) return;
    const [other, to] = put(text, spot, offer);
    write(other, to);
    setCaret(to);
    setAt(-1);
    input.current?.focus();
  }
  function leave() {
    setCaret(undefined);
    setAt(-1);
  }
  function onKeyDown(event: KeyboardEvent<E>) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const offer = offers[at] ?? (event.key === 'Tab' && !event.shiftKey ? offers[0] : undefined);
    if (event.key === 'Escape') {
      if (offers.length > 0) leave();
      else event.currentTarget.blur();
    } else if (step !== undefined && offers.length > 0) {
      setAt((before) => (before + step + offers.length + (before < 0 && step < 0 ? 1 : 0)) % offers.length);
    } else if ((event.key === 'Enter' || event.key === 'Tab') && offer && (at >= 0 || spot?.typed)) take(offer);
    else if (event.key === 'ArrowDown') setCaret(event.currentTarget.selectionStart ?? text.length);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }
  return {
    text,
    offers,
    at,
    list,
    take,
    write,
    leave,
    input: {
      value: text,
      role: 'combobox',
      'aria-autocomplete': 'list' as const,
      'aria-expanded': offers.length > 0,
      'aria-controls': list,
      'aria-activedescendant': at >= 0 ? `${list}-${at}` : undefined,
      onChange: (event: ChangeEvent<E>) => {
        setText(event.target.value);
        setCaret(event.target.selectionStart ?? event.target.value.length);
        setAt(-1);
      },
      onFocus: () => setCaret(input.current?.selectionStart ?? text.length),
      onClick: () => setCaret(input.current?.selectionStart ?? text.length),
      onBlur: leave,
      onKeyDown,
    },
  };
}
