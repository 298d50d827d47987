import { excerptOf, placeOf } from './excerpt';
import s from './Trial.module.css';

/** Where in a record reading stopped: the characters around it, and the one it stopped at marked. */
export function Place({ text, detail }: { text: string; detail: string }) {
  const place = placeOf(detail);
  if (!place || place.char > text.length) return null;
  const { before, at, after } = excerptOf(text, place.char);
  return (
    <p className={s.place}>
      <span className="u-subtle">
        Line {place.line}, column {place.column}
      </span>
      <code className={s.excerpt}>
        {before}
        <mark className={s.mark} title="Reading stopped here">
          {at || '⏎ end'}
        </mark>
        {after}
      </code>
    </p>
  );
}
