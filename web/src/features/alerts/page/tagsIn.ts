/** The tags in what was typed, each once and without those that are there; case makes no other tag. */
export function tagsIn(typed: string, there: readonly string[]): string[] {
  const seen = new Set(there.map((tag) => tag.toLowerCase()));
  return typed
    .split(',')
    .map((tag) => tag.trim())
    .filter((tag) => tag !== '' && !seen.has(tag.toLowerCase()) && seen.add(tag.toLowerCase()));
}
