import { ArrowUp } from 'lucide-react';
import type { ReactNode } from 'react';
import { Button } from '@/ui/Button';
import { Kbd } from '@/ui/Kbd';
import { Tag } from '@/ui/Tag';
import s from './ListPage.module.css';

interface Props {
  head: ReactNode;
  /** What is asked for, how much of it there is, and what there is to know of the reply. */
  over: ReactNode;
  /** By what it can be narrowed. */
  aside?: ReactNode;
  /** The row that is looked at. */
  preview?: ReactNode;
  foot: ReactNode;
  /** The list. */
  children: ReactNode;
}

/** A page that is one list, of which only the rows scroll. */
export function ListPage({ head, over, aside, preview, foot, children }: Props) {
  const has = (part: ReactNode) => (part ? '' : undefined);
  return (
    <div className={s.page} data-preview={has(preview)}>
      {head}
      {over}
      <div className={s.body} data-aside={has(aside)} data-preview={has(preview)}>
        {aside && <div className={s.aside}>{aside}</div>}
        <div className={s.list}>{children}</div>
        {preview}
      </div>
      {foot}
    </div>
  );
}

/** Which list it is, in which view, and what can be done with all of it. */
export function ListHead({ title, views, children }: { title: string; views: ReactNode; children: ReactNode }) {
  return (
    <header className={s.head}>
      <h1 className={s.title}>{title}</h1>
      <div className={s.views}>{views}</div>
      <div className={s.beside}>{children}</div>
    </header>
  );
}

/** What has happened since the list was read; it is shown when asked for. */
export function News({ children, onShow }: { children: ReactNode; onShow: () => void }) {
  return (
    <Button size="sm" onClick={onShow}>
      <ArrowUp size={12} aria-hidden="true" />
      {children}
      <Kbd>.</Kbd>
    </Button>
  );
}

/** What there is to know of the reply, above what it says. */
export function Notice({ children }: { children: ReactNode }) {
  return <div className={s.notice}>{children}</div>;
}

/** Why there is no search now, in a word at the head: what is said all along is read out when it comes. */
export function Searchless({ why }: { why: string | undefined }) {
  return (
    <span role="status" className={s.searchless} title={why && 'Counted without search, which takes longer.'}>
      {why && (
        <Tag tone="warning">
          <span className="u-visually-hidden">Counted without search: </span>
          {why}
        </Tag>
      )}
    </span>
  );
}

/** How much there was, in figures and as a picture; where there is little room, the figures alone. */
export function Band({ stale = false, children }: { stale?: boolean; children: ReactNode }) {
  return (
    <div className={s.band} data-stale={stale ? '' : undefined}>
      {children}
    </div>
  );
}

/** In the place of a picture that could not be had: the list goes on without it. */
export function NoVolume({ onRetry }: { onRetry: () => void }) {
  return (
    <p className={s.none}>
      Volume cannot be counted now.{' '}
      <button type="button" className="u-link" onClick={onRetry}>
        Try again
      </button>
    </p>
  );
}

/** What leads to that which has no room beside the list. */
export const WhereNarrow = ({ children }: { children: ReactNode }) => <div className={s.narrow}>{children}</div>;
