/** The header by which a change is refused with 412 when somebody else was faster. */
export const ifMatch = (revision: number) => ({ 'If-Match': `"${revision}"` });
