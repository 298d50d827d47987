import { lazy, Suspense, useState } from 'react';
import { Button } from '@/ui/Button';
import { TextArea } from '@/ui/Field';
import s from './Markdown.module.css';

// It weighs as much as a page: the words are there before their looks.
const Base = lazy(() => import('markdown-to-jsx/react'));

/** What people wrote, in Markdown. No HTML of theirs, no image from elsewhere, and links say where they go. */
export function Markdown({ text }: { text: string }) {
  return (
    <div className={s.markdown}>
      <Suspense fallback={<p className={s.plain}>{text}</p>}>
        <Base options={OPTIONS}>{text}</Base>
      </Suspense>
    </div>
  );
}

const OPTIONS = {
  disableParsingRawHTML: true,
  disableAutoLink: true,
  forceBlock: true,
  overrides: {
    a: { component: 'a', props: { rel: 'noopener noreferrer nofollow', target: '_blank', className: 'u-link' } },
    // An image would tell somebody else that, and when, it was looked at.
    img: ({ alt, src }: { alt?: string; src?: string }) => <span className="u-subtle">[{alt || src}]</span>,
    iframe: () => null,
    script: () => null,
    style: () => null,
  },
} as const;

interface FieldProps {
  label: string;
  value: string;
  onChange: (text: string) => void;
  rows?: number;
  maxLength?: number;
  error?: string | undefined;
  autoFocus?: boolean;
  /** While it is saved: what was typed then would be in no version of it. */
  readOnly?: boolean;
}

/** Markdown as it is written, or as it will be read. */
export function MarkdownField({ label, value, onChange, rows = 6, ...rest }: FieldProps) {
  const [reading, setReading] = useState(false);
  return (
    <div className={s.field}>
      {reading ? (
        <section className={s.preview} aria-label={`${label}, as it will be read`}>
          {value.trim() ? <Markdown text={value} /> : <span className="u-subtle">Nothing yet.</span>}
        </section>
      ) : (
        <TextArea
          {...rest}
          label={label}
          rows={rows}
          value={value}
          help="Markdown: **bold**, `code`, lists, links."
          onChange={(event) => onChange(event.target.value)}
        />
      )}
      <div>
        <Button size="sm" variant="ghost" aria-pressed={reading} onClick={() => setReading(!reading)}>
          {reading ? 'Write' : 'Preview'}
        </Button>
      </div>
    </div>
  );
}
