import { infiniteQueryOptions, useMutation, useQueryClient } from '@tanstack/react-query';
import { api, read } from '@/api/client';
import type { components } from '@/api/schema';
import { say } from '@/ui/toast';

export type Token = components['schemas']['TokenRead'];
type TokenCreate = components['schemas']['TokenCreate'];

const PAGE = 100;

/** One's own tokens, and all of the organizations that one administers. */
export const tokensQuery = infiniteQueryOptions({
  queryKey: ['tokens'],
  queryFn: ({ pageParam, signal }) =>
    read(
      api.GET('/api/v1/tokens', {
        params: { query: { limit: PAGE, ...(pageParam && { cursor: pageParam }) } },
        signal,
      }),
    ),
  initialPageParam: null as string | null,
  getNextPageParam: (page) => page.next_cursor ?? null,
});

/** Make a token; the reply has the secret, which nothing tells again. */
export function useCreateToken() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (body: TokenCreate) => read(api.POST('/api/v1/tokens', { body })),
    gcTime: 0,
    onSuccess: () => client.invalidateQueries({ queryKey: tokensQuery.queryKey }),
  });
}

/** End a token at once. */
export function useRevokeToken() {
  const client = useQueryClient();
  return useMutation({
    mutationFn: (token: Token) => api.DELETE('/api/v1/tokens/{token_id}', { params: { path: { token_id: token.id } } }),
    onSuccess: (_, token) => {
      say({ title: `Revoked: ${token.name}` });
      return client.invalidateQueries({ queryKey: tokensQuery.queryKey });
    },
  });
}
