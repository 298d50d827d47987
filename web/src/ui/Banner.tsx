import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react';
import type { ReactNode } from 'react';
import s from './Banner.module.css';

const ICONS = { info: Info, success: CircleCheck, warning: TriangleAlert, danger: CircleAlert };

/** Something to know about the page as a whole. What went wrong is read out at once. */
export function Banner({
  tone = 'info',
  children,
  action,
}: {
  tone?: keyof typeof ICONS;
  children: ReactNode;
  action?: ReactNode;
}) {
  const Icon = ICONS[tone];
  return (
    <div className={s.banner} data-tone={tone} role={tone === 'danger' ? 'alert' : 'status'}>
      <Icon size={14} aria-hidden="true" />
      <div className={s.text}>{children}</div>
      {action}
    </div>
  );
}
