import type { Offer } from './complete';
import s from './QueryBar.module.css';

interface Props {
  list: string;
  offers: readonly Offer[];
  /** The one that Enter takes; -1 is none. */
  at: number;
  take: (offer: Offer) => void;
}

/** What could be written next. The focus stays in the line. */
export function Offers({ list, offers, at, take }: Props) {
  return (
    <div className={s.offers}>
      <div id={list} role="listbox" aria-label="What could be written">
        {offers.map((offer, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: keys are heard by the line
          <div
            key={offer.label}
            id={`${list}-${index}`}
            className={s.offer}
            role="option"
            aria-selected={index === at}
            // The line would lose the focus before the click.
            onPointerDown={(event) => event.preventDefault()}
            onClick={() => take(offer)}
          >
            <span className="u-mono">{offer.label}</span>
            {offer.hint && <span className={s.hint}>{offer.hint}</span>}
          </div>
        ))}
      </div>
      <p className={s.keys}>↓ ↑ choose · Tab take · Enter search · Esc leave</p>
    </div>
  );
}
