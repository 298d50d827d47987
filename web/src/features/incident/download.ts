/** Hands a text out as a file. */
export function download(text: string, name: string, type: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: `${type};charset=utf-8` }));
  follow(url, name);
  // The browser has begun by then; an address that is kept keeps the text in memory.
  setTimeout(() => URL.revokeObjectURL(url), 10_000);
}

/** Has the browser fetch an attachment of the server's as a file. */
export function follow(url: string, name: string): void {
  const link = document.createElement('a');
  link.href = url;
  link.download = name;
  link.click();
}
