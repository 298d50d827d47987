import type { AnyRouteMatch, AnyRouter } from '@tanstack/react-router';
import { may, type Session } from '@/api/session';
import type { About } from './about';

interface Place {
  path: string;
  title: string;
  icon: NonNullable<About['nav']>['icon'];
  order: number;
}

/** The places of the route tree that have one in the navigation and are open to this person, in its order. */
export function navigation(router: AnyRouter, session: Session): Place[] {
  const places: Place[] = [];
  for (const route of Object.values<AnyRouter['routesById'][string]>(router.routesById)) {
    const about: About | undefined = route.options.staticData?.about;
    if (!about?.nav || (about.permission && !may(session, about.permission))) continue;
    places.push({ path: route.fullPath, title: about.title, ...about.nav });
  }
  return places.sort((one, other) => one.order - other.order);
}

/** What the page at hand is called. */
export function titleOf(matches: readonly AnyRouteMatch[]): string | undefined {
  return matches.findLast((match) => match.staticData.about)?.staticData.about?.title;
}
