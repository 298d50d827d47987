let kept: string | undefined;

/** The code of an invitation as it stands in a link's fragment, which no server and no log sees. */
export function takeCode(hash: string): string | undefined {
  const code = new URLSearchParams(`code=${hash.replace(/^#/, '').replace(/^code=/, '')}`).get('code');
  if (code) kept = code;
  return kept;
}

/** It is good once. */
export function forgetCode(): void {
  kept = undefined;
}
