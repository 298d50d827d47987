import { Toast } from '@base-ui/react/toast';

/** What was done, and how to take it back. */
export const toasts = Toast.createToastManager();

const SHOWN_MS = 6_000;
/** What can be taken back is offered longer, for people who read slowly or look away. */
const UNDO_MS = 10_000;

interface Said {
  title: string;
  description?: string;
  undo?: () => void;
}

export function say({ title, description, undo }: Said): string {
  const id: string = toasts.add({
    title,
    description,
    timeout: undo ? UNDO_MS : SHOWN_MS,
    ...(undo && { actionProps: { children: 'Undo', onClick: () => takeBack(id, undo) } }),
  });
  return id;
}

/** Read out at once, and there until it is closed. */
export function complain({ title, description }: Omit<Said, 'undo'>): string {
  return toasts.add({ title, description, type: 'danger', priority: 'high', timeout: 0 });
}

/** Once: the offer goes with it. */
function takeBack(id: string, undo: () => void): void {
  toasts.close(id);
  undo();
}
