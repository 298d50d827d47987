import { queryOptions } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import type { components } from '@/api/schema';

export type Place = components['schemas']['SessionListed'];

/** Where the person is signed in. */
export const placesQuery = queryOptions({
  queryKey: ['settings', 'sessions'],
  queryFn: ({ signal }) => read(api.GET('/api/v1/auth/sessions', { signal })),
});

/** End one of them. */
export const endPlace = (id: string) =>
  api.DELETE('/api/v1/auth/sessions/{session_id}', { params: { path: { session_id: id } } });

/** Begin to set up an authenticator app: its secret. */
export const beginTotp = () => read(api.POST('/api/v1/auth/totp'));

/** Show that it works. The recovery codes are in the reply, and nowhere else. */
export const confirmTotp = (body: { code: string; password: string | null }) =>
  read(api.POST('/api/v1/auth/totp/confirm', { body }));

/** Take it off. */
export const removeTotp = (password: string) => api.POST('/api/v1/auth/totp/remove', { body: { password } });
