import { useQuery } from '@tanstack/react-query';
import { CircleMinus, CirclePlus } from 'lucide-react';
import type { CellValue } from '@/domain/grid/columns';
import { formatCount } from '@/lib/format';
import { IconButton } from '@/ui/Button';
import { Skeleton } from '@/ui/Skeleton';
import s from './FieldList.module.css';
import { valueName } from './names';
import { type Asked, topQuery } from './queries';
import { filterable, type ValueCount } from './values';

interface Props {
  asked: Asked;
  field: string;
  onFilter: (cell: CellValue, out: boolean) => void;
}

/** The most frequent values of a field, in the latest events that match: the API counts no further, and this says so. */
export function TopValues({ asked, field, onFilter }: Props) {
  const { data, isError, refetch } = useQuery(topQuery(asked, field));
  if (isError)
    return (
      <p className={s.hint}>
        Could not be counted.{' '}
        <button type="button" className="u-link" onClick={() => void refetch()}>
          Try again
        </button>
      </p>
    );
  if (!data) return <Skeleton lines={3} />;
  const among = data.all ? `all ${formatCount(data.of)}` : `the latest ${formatCount(data.of)}`;
  if (data.values.length === 0) return <p className={s.hint}>None in {among} events.</p>;
  return (
    <>
      <ul aria-label={`Values of ${field}`}>
        {data.values.map((one) => (
          <Row key={String(one.value)} one={one} of={data.of} field={field} onFilter={onFilter} />
        ))}
      </ul>
      <p className={s.hint}>In {among} events that match.</p>
    </>
  );
}

function Row({ one, of, field, onFilter }: { one: ValueCount; of: number } & Pick<Props, 'field' | 'onFilter'>) {
  const value = filterable(one.value);
  const text = String(one.value);
  const share = Math.max(1, Math.round((one.count / of) * 100));
  return (
    <li className={s.value}>
      <span className={s.bar} style={{ width: `${share}%` }} />
      <span className={s.text} title={text}>
        {valueName(field, typeof one.value === 'number' ? one.value : text)}
      </span>
      <span className={s.share} title={`${formatCount(one.count)} events`}>
        {share}%
      </span>
      {value !== undefined && (
        <span className={s.acts}>
          <IconButton size="sm" label={`Filter for ${text}`} onClick={() => onFilter({ field, value }, false)}>
            <CirclePlus size={13} aria-hidden="true" />
          </IconButton>
          <IconButton size="sm" label={`Filter out ${text}`} onClick={() => onFilter({ field, value }, true)}>
            <CircleMinus size={13} aria-hidden="true" />
          </IconButton>
        </span>
      )}
    </li>
  );
}
