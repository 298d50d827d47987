import type { AnyRouteMatch, AnyRouter } from '@tanstack/react-router';
import { may, type Session } from '@/api/session';
import { type About, GROUPS } from './about';

export interface Place {
  path: string;
  title: string;
  nav: NonNullable<About['nav']>;
}

/** The places of the route tree that are in the navigation and open to this person, by group, in the tree's order. */
export function navigation(router: AnyRouter, session: Session): [group: string, places: Place[]][] {
  const places: Place[] = [];
  for (const route of Object.values<AnyRouter['routesById'][string]>(router.routesById)) {
    const about: About | undefined = route.options.staticData?.about;
    if (!about?.nav || (about.permission && !may(session, about.permission))) continue;
    places.push({ path: route.fullPath, title: about.title, nav: about.nav });
  }
  return GROUPS.map((group): [string, Place[]] => [group, places.filter((place) => place.nav.group === group)]).filter(
    ([, some]) => some.length > 0,
  );
}

/** What the page at hand is called. */
export function titleOf(matches: readonly AnyRouteMatch[]): string | undefined {
  return matches.findLast((match) => match.staticData.about)?.staticData.about?.title;
}
