import { Code } from '@/ui/Code';

/** A record as it came, indented. */
export function Json({ value, label }: { value: unknown; label: string }) {
  return <Code label={label} text={JSON.stringify(value, null, 2)} />;
}
