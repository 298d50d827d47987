import type { Permission } from '@/api/session';

/** The groups of the navigation, in its order. */
export const GROUPS = ['Work', 'Detection', 'Operations', 'Administration'] as const;

/** What a route says of itself: navigation, titles, the palette and the guard are made of it. */
export interface About {
  title: string;
  /** Its place in the navigation; those without one are reached from others. `go` is the key after G that leads there. */
  nav?: { icon: Icon; group: (typeof GROUPS)[number]; go?: string };
  /** Who lacks it everywhere neither sees the place nor is let in. */
  permission?: Permission;
}

export type Icon =
  | 'shift'
  | 'alerts'
  | 'incidents'
  | 'explorer'
  | 'handovers'
  | 'sensors'
  | 'quarantine'
  | 'suppressions'
  | 'rules'
  | 'receipts'
  | 'status'
  | 'jobs'
  | 'notifications'
  | 'users'
  | 'tokens'
  | 'organization'
  | 'templates'
  | 'audit';

declare module '@tanstack/react-router' {
  interface StaticDataRouteOption {
    about?: About;
  }
}
