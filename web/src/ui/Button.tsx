import type { ComponentProps } from 'react';
import s from './Button.module.css';

type Props = ComponentProps<'button'> & {
  variant?: 'default' | 'primary' | 'ghost' | 'danger';
  size?: 'sm' | 'md' | 'lg';
  /** Waits for a reply: says so, and is not pressed again. */
  busy?: boolean;
};

/** Does something; what goes somewhere is a link. */
export function Button({ variant = 'default', size = 'md', busy = false, onClick, ...rest }: Props) {
  return (
    <button
      type="button"
      {...rest}
      // One that is disabled loses the focus, and who waits would be at the page's top.
      onClick={busy ? (event) => event.preventDefault() : onClick}
      aria-disabled={busy || undefined}
      aria-busy={busy || undefined}
      className={s.button}
      data-variant={variant}
      data-size={size}
    />
  );
}

/** One whose name is only told to those who cannot see its icon. */
export function IconButton({ label, ...rest }: Omit<Props, 'aria-label'> & { label: string }) {
  return <Button variant="ghost" {...rest} aria-label={label} title={label} data-icon="" />;
}
