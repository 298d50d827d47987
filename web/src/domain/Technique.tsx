import { Tag } from '@/ui/Tag';

/** A technique of ATT&CK by its id. */
export function Technique({ id }: { id: string }) {
  return (
    <Tag>
      <span className="u-mono">{id}</span>
    </Tag>
  );
}
