import { asApiError } from '@/api/problem';
import { Banner } from '@/ui/Banner';

/** Why the server refused what a form says, as far as it is not at one of the fields that show it themselves. */
export function Refused({ error, shown = [] }: { error: unknown; shown?: readonly string[] }) {
  if (!error) return null;
  const { message, fields, correlationId, status } = asApiError(error);
  const others = [...fields].filter(([name]) => !shown.includes(name));
  if (fields.size > 0 && others.length === 0) return null;
  return (
    <Banner tone="danger">
      {others.length > 0 ? others.map(([name, detail]) => <p key={name}>{`${named(name)}: ${detail}`}</p>) : message}
      {(status === 0 || status >= 500) && correlationId && <p className="u-subtle">Request {correlationId}</p>}
    </Banner>
  );
}

/** `tasks/0/title` as people count: tasks 1 title. */
const named = (pointer: string): string =>
  pointer
    .split('/')
    .map((part) => (/^\d+$/.test(part) ? String(Number(part) + 1) : part.replaceAll('_', ' ')))
    .join(' ');
