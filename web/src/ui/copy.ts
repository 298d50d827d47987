import { complain } from './toast';

/** Copies a text. False where the browser does not let it, which is told: it has no clipboard for pages without TLS. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    complain({ title: 'Not copied', description: 'The browser does not allow it here. Select the text and copy it.' });
    return false;
  }
}
