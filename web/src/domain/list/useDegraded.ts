import { useQuery } from '@tanstack/react-query';

const AGAIN_MS = 10_000;

/**
 * Why a list was answered without search, until the same question is answered with it again: the rows stay, and what
 * was said of them ends by itself. `key` names the answer that is shown; `ask` asks for its beginning anew.
 */
export function useDegraded(
  said: string | null | undefined,
  key: readonly unknown[],
  ask: (signal: AbortSignal) => Promise<string | null | undefined>,
): string | undefined {
  const now = useQuery({
    queryKey: ['degraded', ...key],
    queryFn: async ({ signal }) => (await ask(signal)) ?? '',
    enabled: Boolean(said),
    refetchInterval: ({ state }) => (state.data === '' ? false : AGAIN_MS),
    gcTime: 0,
  });
  return said && now.data !== '' ? said : undefined;
}
