import type { Meanwhile as One } from '@/lib/useDraft';
import { Banner } from '@/ui/Banner';
import { type ChangeLine, Changes } from '@/ui/Changes';
import { Tag } from '@/ui/Tag';

interface Props {
  changes: readonly One[];
  /** What a value is called, and how it reads. */
  line: (change: One) => ChangeLine;
}

/** What somebody else made of a thing while one wrote: taken in, but for what one had changed oneself. */
export function Meanwhile({ changes, line }: Props) {
  if (changes.length === 0) return null;
  return (
    <Banner tone="warning">
      <p>Somebody changed it while you did. Theirs is taken in, yours is kept. Look at it, and save again.</p>
      <Changes
        label="Changed by somebody else"
        lines={changes.map((one) => ({ ...line(one), note: one.kept ? <Tag tone="warning">yours kept</Tag> : null }))}
      />
    </Banner>
  );
}
