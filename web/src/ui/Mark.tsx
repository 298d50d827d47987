/** The product's sign. */
export function Mark({ size }: { size: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 18 18" aria-hidden="true" style={{ color: 'var(--color-fg-accent)' }}>
      <path d="M9 1.200 16 4v4.800c0 4-2.900 6.900-7 8-4.100-1.100-7-4-7-8V4Z" fill="currentColor" opacity=".22" />
      <path
        d="M4.500 9.400h2.300l1.500-3.600 2.200 6 1.300-2.400h1.900"
        fill="none"
        stroke="currentColor"
        strokeWidth="1.500"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
