import {
  Boxes,
  FileDigit,
  Fingerprint,
  Globe,
  KeyRound,
  Laptop,
  Link2,
  Mail,
  Network,
  Terminal,
  User,
} from 'lucide-react';
import { defanged } from '@/lib/defang';
import { CopyButton } from '@/ui/Code';
import { Tag } from '@/ui/Tag';
import s from './Observable.module.css';

const ICONS: Record<string, typeof Globe> = {
  ip: Network,
  domain: Globe,
  hostname: Laptop,
  host: Laptop,
  url: Link2,
  user: User,
  email: Mail,
  hash: Fingerprint,
  md5: Fingerprint,
  sha1: Fingerprint,
  sha256: Fingerprint,
  file: FileDigit,
  path: FileDigit,
  process: Terminal,
  command_line: Terminal,
  registry: KeyRound,
};

interface Props {
  type: string;
  value: string;
  verdict?: string | null;
  ioc?: boolean;
}

/** Something that can be looked for elsewhere: an address, a hash, a name. It is copied so that nobody follows it. */
export function Observable({ type, value, verdict, ioc = false }: Props) {
  const Icon = ICONS[type] ?? Boxes;
  return (
    <span className={s.observable}>
      <Icon size={14} className={s.icon} aria-hidden="true" />
      <span className="u-visually-hidden">{type}</span>
      <span className={s.value} title={`${type}: ${value}`}>
        {value}
      </span>
      {ioc && <Tag tone="danger">IOC</Tag>}
      {verdict && verdict !== 'unknown' && <Tag tone={verdict === 'malicious' ? 'danger' : undefined}>{verdict}</Tag>}
      <CopyButton text={defanged(value)} label={`Copy ${value}, defanged`} />
    </span>
  );
}
