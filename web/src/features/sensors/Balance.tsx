import { Link } from '@tanstack/react-router';
import { CircleCheck, TriangleAlert } from 'lucide-react';
import { PATHS } from '@/app/paths';
import { useMay } from '@/domain/session';
import { formatCount, words } from '@/lib/format';
import { BESIDE, balances, type Line, linesOf } from './accounts';
import s from './Balance.module.css';
import { formatShare } from './healthOf';
import type { Account } from './queries';

/** What became of every record that was accepted: nothing is lost without a line that says so. */
export function Balance({ account, sensorId }: { account: Account; sensorId: string }) {
  const lines = linesOf(account);
  const whole = balances(account);
  const beside = BESIDE.filter(({ name }) => account[name] > 0);
  const refused = Object.entries(account.refused ?? {}).filter(([, count]) => count > 0);
  return (
    <div className={s.balance}>
      <p className={s.sum}>
        <span className={s.total}>{formatCount(account.accepted)}</span> accepted
        <span className={s.verdict} data-whole={whole ? '' : undefined}>
          {whole ? <CircleCheck size={13} aria-hidden="true" /> : <TriangleAlert size={13} aria-hidden="true" />}
          {whole ? 'Every one is accounted for' : 'The sum is not whole yet'}
        </span>
      </p>
      <div className={s.bar} aria-hidden="true">
        {lines.map(
          ({ name, share }) =>
            share > 0 && <span key={name} data-part={name} style={{ flexGrow: Math.max(0.004, share) }} />,
        )}
      </div>
      <ul className={s.lines}>
        {lines.map((line) => (
          <BalanceLine key={line.name} line={line} sensorId={sensorId} />
        ))}
      </ul>
      {(beside.length > 0 || refused.length > 0) && (
        <ul className={s.lines} data-beside="" aria-label="Beside the sum">
          {beside.map(({ name, label, what }) => (
            <li key={name} className={s.line}>
              <span />
              <span className={s.label}>{label}</span>
              <span className={s.what}>{what}</span>
              <span className={s.count}>{formatCount(account[name])}</span>
              <span />
            </li>
          ))}
          {refused.map(([reason, count]) => (
            <li key={reason} className={s.line}>
              <span />
              <span className={s.label}>Refused</span>
              <span className={s.what}>{words(reason)}</span>
              <span className={s.count}>{formatCount(count)}</span>
              <span />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function BalanceLine({ line, sensorId }: { line: Line; sensorId: string }) {
  const mayLook = useMay('quarantine:read');
  const { name, label, what, count, share } = line;
  return (
    <li className={s.line}>
      <span className={s.swatch} data-part={name} aria-hidden="true" />
      <span className={s.label}>
        {name === 'quarantined' && mayLook && count > 0 ? (
          <Link to={PATHS.quarantine} search={{ sensor: sensorId }} className="u-link">
            {label}
          </Link>
        ) : (
          label
        )}
      </span>
      <span className={s.what}>{what}</span>
      <span className={s.count}>{formatCount(count)}</span>
      <span className={s.share}>{formatShare(share)}</span>
    </li>
  );
}
