import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { IconButton } from './Button';
import s from './Code.module.css';
import { copy } from './copy';

const SAID_MS = 1_500;

/** Copies a text, and says so. */
export function CopyButton({ text, label = 'Copy' }: { text: string; label?: string }) {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), SAID_MS);
    return () => clearTimeout(timer);
  }, [copied]);
  const Icon = copied ? Check : Copy;
  return (
    <IconButton size="sm" label={copied ? 'Copied' : label} onClick={() => void copy(text).then(setCopied)}>
      <Icon size={13} aria-hidden="true" />
    </IconButton>
  );
}

/** Text as machines have it, to be read and copied. Lines are kept; long ones break unless `scroll`. */
export function Code({ text, label, scroll = false }: { text: string; label: string; scroll?: boolean }) {
  return (
    <div className={s.code}>
      <pre className={s.text} data-scroll={scroll ? '' : undefined} role="region" aria-label={label} tabIndex={0}>
        {text}
      </pre>
      <div className={s.copy}>
        <CopyButton text={text} label={`Copy ${label.toLowerCase()}`} />
      </div>
    </div>
  );
}
