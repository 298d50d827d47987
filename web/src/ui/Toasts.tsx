import { Toast } from '@base-ui/react/toast';
import { X } from 'lucide-react';
import s from './Toasts.module.css';
import { toasts } from './toast';

/** Where what was said is shown; once in the application. */
export function Toasts() {
  return (
    <Toast.Provider toastManager={toasts} limit={4}>
      <Toast.Portal>
        <Toast.Viewport className={s.viewport}>
          <All />
        </Toast.Viewport>
      </Toast.Portal>
    </Toast.Provider>
  );
}

function All() {
  const { toasts: all } = Toast.useToastManager();
  return all.map((one) => (
    <Toast.Root key={one.id} toast={one} className={s.toast} data-tone={one.type}>
      <Toast.Content className={s.content}>
        <div className={s.text}>
          <Toast.Title className={s.title} />
          <Toast.Description className={s.description} />
        </div>
        {one.actionProps && <Toast.Action className={s.action} />}
        <Toast.Close className={s.close} aria-label="Close">
          <X size={13} aria-hidden="true" />
        </Toast.Close>
      </Toast.Content>
    </Toast.Root>
  ));
}
