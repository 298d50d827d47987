import type { Permission } from '@/api/session';

/** What a route says of itself: navigation, titles, the palette and the guard are made of it. */
export interface About {
  title: string;
  /** Its place in the navigation; those without one are reached from others. */
  nav?: { icon: 'alerts'; order: number };
  /** Who lacks it everywhere neither sees the place nor is let in. */
  permission?: Permission;
}

declare module '@tanstack/react-router' {
  interface StaticDataRouteOption {
    about?: About;
  }
}
