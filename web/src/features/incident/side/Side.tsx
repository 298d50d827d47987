import { Links } from './Links';
import { Members } from './Members';
import s from './Side.module.css';
import { SimilarOnes } from './SimilarOnes';
import { Times } from './Times';

/** What stands beside every part of the incident. */
export function Side() {
  return (
    <aside className={s.side} aria-label="About the incident">
      <Times />
      <Members />
      <Links />
      <SimilarOnes />
    </aside>
  );
}
