// A latch: a plate with a keyhole.
export function Logo({ size = 32 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="9" fill="var(--mantine-color-brand-7)" />
      <path
        d="M16 7a5 5 0 0 0-2.2 9.5L12.6 24a.9.9 0 0 0 .9 1h5a.9.9 0 0 0 .9-1l-1.2-7.5A5 5 0 0 0 16 7Z"
        fill="#ffffff"
      />
    </svg>
  );
}
