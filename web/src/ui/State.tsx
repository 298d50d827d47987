import type { ReactNode } from 'react';
import s from './State.module.css';

interface Props {
  title: string;
  children?: ReactNode;
  /** For operators: status, code, the request's id. */
  detail?: string | undefined;
  action?: ReactNode;
  /** Read out at once. */
  urgent?: boolean;
}

/** In the place of what is not there: why, and the way out of it. */
export function State({ title, children, detail, action, urgent = false }: Props) {
  return (
    <div className={s.state} role={urgent ? 'alert' : undefined}>
      <h2 className={s.title}>{title}</h2>
      {children && <p className={s.text}>{children}</p>}
      {detail && <p className={s.detail}>{detail}</p>}
      {action}
    </div>
  );
}
