interface Place {
  line: number;
  column: number;
  /** From the beginning of the text, counted from 0. */
  char: number;
}

const AROUND = 48;

/** Where a detail such as "… line 1 column 605 (char 604)" says that reading stopped. */
export function placeOf(detail: string): Place | undefined {
  const found = /line (\d+) column (\d+) \(char (\d+)\)/.exec(detail);
  return found ? { line: Number(found[1]), column: Number(found[2]), char: Number(found[3]) } : undefined;
}

/** The characters around one, with … where more was cut off; counted as the server does, which takes a sign for one. */
export function excerptOf(text: string, char: number): { before: string; at: string; after: string } {
  const signs = [...text];
  const from = Math.max(0, char - AROUND);
  const to = Math.min(signs.length, char + 1 + AROUND);
  const part = (start: number, end: number) => signs.slice(start, end).join('');
  return {
    before: (from > 0 ? '…' : '') + part(from, char),
    at: part(char, char + 1),
    after: part(char + 1, to) + (to < signs.length ? '…' : ''),
  };
}
