import { ArrowRight } from 'lucide-react';
import s from './Entities.module.css';
import { type Entity, lineOf, titleOf } from './entityLine';

/** Who, where and against what, in a line; of what there is no room for, the title tells. */
export function Entities({ entities }: { entities: readonly Entity[] }) {
  if (entities.length === 0) return null;
  const { user, at, to, more } = lineOf(entities);
  return (
    <span className={s.entities} title={titleOf(entities)}>
      <span className={s.line}>
        {user && (at ? `${user.value}@` : <span className={s.at}>{user.value}</span>)}
        {at && <span className={s.at}>{at.value}</span>}
        {to && (
          <>
            <ArrowRight size={11} className={s.to} role="img" aria-label="to" />
            {to.value}
          </>
        )}
      </span>
      {more > 0 && <span className={s.more}>+{more}</span>}
    </span>
  );
}
