let held = 0;

/** No key is a shortcut until what is returned is called. */
export function holdShortcuts(): () => void {
  held += 1;
  return () => {
    held -= 1;
  };
}

/** True where a key means text, or is another program's: no shortcut of ours then. */
export function isTyping(event: KeyboardEvent): boolean {
  if (held > 0) return true;
  if (event.metaKey || event.ctrlKey || event.altKey || event.isComposing) return true;
  const { target } = event;
  if (!(target instanceof HTMLElement)) return false;
  if (target.isContentEditable || target instanceof HTMLTextAreaElement || target instanceof HTMLSelectElement)
    return true;
  if (target instanceof HTMLInputElement) return !['checkbox', 'radio', 'button'].includes(target.type);
  return target.closest('[role="dialog"], [role="menu"], [role="listbox"]') !== null;
}
