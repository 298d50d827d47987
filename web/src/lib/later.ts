import { type ComponentType, lazy } from 'react';

/** A component by its name in a module that is fetched when it is first shown; what shows it has a Suspense around it. */
export function later<N extends string, P extends object>(load: () => Promise<Record<N, ComponentType<P>>>, name: N) {
  return lazy(async () => ({ default: (await load())[name] }));
}
