import { Page } from '@/ui/Page';
import { Actions } from './Actions';
import { Data } from './Data';
import s from './Design.module.css';
import { Feedback } from './Feedback';
import { Fields } from './Fields';
import { Meaning } from './Meaning';
import { Tokens } from './Tokens';

const GROUPS = [
  ['tokens', 'Tokens', Tokens],
  ['actions', 'Actions', Actions],
  ['fields', 'Fields', Fields],
  ['feedback', 'Feedback', Feedback],
  ['data', 'Data', Data],
  ['meaning', 'Security', Meaning],
] as const;

/** Every component in every state, in the theme that is chosen: what pages are made of, and what is looked at when it changes. */
export default function DesignPage() {
  const contents = (
    <nav className={s.contents} aria-label="Groups">
      {GROUPS.map(([id, title]) => (
        <a key={id} href={`#${id}`} className="u-link">
          {title}
        </a>
      ))}
    </nav>
  );
  return (
    <Page title="Design" under={contents}>
      {GROUPS.map(([id, title, Group]) => (
        <section key={id} id={id} className={s.group} aria-labelledby={`${id}-title`}>
          <h2 id={`${id}-title`} className={s.title}>
            {title}
          </h2>
          <Group />
        </section>
      ))}
    </Page>
  );
}
