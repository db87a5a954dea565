import { Button } from '@mantine/core';
import { SlowNotice } from './slow_notice.tsx';

interface SubmitButtonProps {
  label: string;
  pending: boolean;
  // Seconds that the server asked to wait; 0 when there is no need.
  wait?: number;
  // Otherwise as wide as its text.
  fullWidth?: boolean;
}

// A form's button. While an answer is awaited it stays focusable, so that the keyboard keeps its place.
export function SubmitButton({ label, pending, wait = 0, fullWidth = true }: SubmitButtonProps) {
  const waiting = wait > 0;
  return (
    <>
      <Button
        type="submit"
        fullWidth={fullWidth}
        aria-disabled={pending || waiting || undefined}
        {...(waiting ? { 'data-disabled': true } : {})}
        aria-busy={pending || undefined}
        leftSection={pending ? <span className="spinner" aria-hidden /> : undefined}
        onClick={(event) => {
          if (pending || waiting) event.preventDefault();
        }}
      >
        {waiting ? `Try again in ${wait} s` : label}
      </Button>
      <SlowNotice waiting={pending} />
    </>
  );
}
