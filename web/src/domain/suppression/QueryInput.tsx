import { asApiError } from '@/api/problem';
import { TextArea } from '@/ui/Field';
import s from './Form.module.css';

interface Props {
  value: string;
  /** What the server said of it. */
  error: unknown;
  onChange: (query: string) => void;
}

/** A query over events, with what is wrong in it shown at its place. */
export function QueryInput({ value, error, onChange }: Props) {
  const refused = error ? asApiError(error) : undefined;
  const { position, length = 0 } = (refused?.body ?? {}) as { position?: number; length?: number };
  const end = (position ?? 0) + Math.max(1, length);
  return (
    <div>
      <TextArea
        label="Query"
        required
        rows={3}
        maxLength={4096}
        spellCheck={false}
        value={value}
        help="Over events, without now, me or words without a field. Example: source.ip:192.0.2.9 AND severity:<=high"
        error={refused?.status === 422 ? (refused.fields.get('query') ?? refused.message) : undefined}
        onChange={(event) => onChange(event.target.value)}
      />
      {position !== undefined && (
        <p className={s.place}>
          {value.slice(Math.max(0, position - 24), position)}
          <mark className={s.mark}>{value.slice(position, end) || '⎵'}</mark>
          {value.slice(end, end + 24)}
        </p>
      )}
    </div>
  );
}
