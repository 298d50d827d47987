import { useInfiniteQuery } from '@tanstack/react-query';
import { Button } from '@/ui/Button';
import { Checkbox } from '@/ui/Checkbox';
import type { ListOf } from '../queries';
import s from './PartList.module.css';

interface Props<T> {
  title: string;
  query: ListOf<T>;
  /** The id and the words of one. */
  part: (one: T) => readonly [id: string, words: string];
  chosen: readonly string[];
  onChange: (chosen: readonly string[]) => void;
}

/** What hangs on an incident, to choose from. */
export function PartList<T>({ title, query, part, chosen, onChange }: Props<T>) {
  const list = useInfiniteQuery(query);
  const rows = list.data?.pages.flatMap((page) => page.items.map(part)) ?? [];
  if (list.isError && rows.length === 0)
    return (
      <p>
        {title} could not be loaded.{' '}
        <Button size="sm" onClick={() => void list.refetch()}>
          Try again
        </Button>
      </p>
    );
  if (rows.length === 0) return null;
  return (
    <fieldset className={s.list}>
      <legend className={s.legend}>{title}</legend>
      {rows.map(([id, words]) => (
        <label key={id} className={s.one}>
          <Checkbox
            checked={chosen.includes(id)}
            onChange={() => onChange(chosen.includes(id) ? chosen.filter((one) => one !== id) : [...chosen, id])}
          />
          <span className="u-cut">{words}</span>
        </label>
      ))}
      {list.hasNextPage && (
        <Button size="sm" variant="ghost" busy={list.isFetchingNextPage} onClick={() => void list.fetchNextPage()}>
          Show more
        </Button>
      )}
    </fieldset>
  );
}
