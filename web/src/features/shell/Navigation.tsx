import { Link } from '@tanstack/react-router';
import type { Counts } from './counts';
import s from './Navigation.module.css';
import { type Groups, ICONS } from './places';

interface Props {
  groups: Groups;
  counts: Counts;
}

/** The places this person can go to, by group, with how much waits there. */
export function Navigation({ groups, counts }: Props) {
  return groups.map(([group, places], at) => (
    <div key={group} className={s.group}>
      {/* What comes first needs no name. */}
      {at > 0 && <h2 className={s.name}>{group}</h2>}
      {places.map(({ path, search, title, nav }) => {
        const Icon = ICONS[nav.icon];
        const count = counts[nav.icon];
        return (
          <Link
            key={path}
            to={path}
            search={search}
            activeOptions={{ exact: path === '/', includeSearch: false }}
            className={s.link}
            title={nav.go && `G then ${nav.go.toUpperCase()}`}
          >
            <Icon size={15} aria-hidden="true" />
            <span className={s.title}>{title}</span>
            {count && (
              <span className={s.count} data-loud={count.loud ? '' : undefined} title={count.said}>
                {count.shown}
                <span className="u-visually-hidden"> {count.said}</span>
              </span>
            )}
          </Link>
        );
      })}
    </div>
  ));
}
