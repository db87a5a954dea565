// The snack bars: one for every failure and every success.
import { notifications } from '@mantine/notifications';
import { IconAlertTriangle, IconCheck, IconInfoCircle } from '@tabler/icons-react';
import type { Failure } from './failure.ts';

const SUCCESS_MILLISECONDS = 5000;
const FAILURE_MILLISECONDS = 10000;
const ICON_SIZE = 18;

const closeButtonProps = { 'aria-label': 'Dismiss' };

const failures = new Set<string>();

// What failed before is over when somebody tries again.
export function hideFailures(): void {
  for (const id of failures) notifications.hide(id);
  failures.clear();
}

export function notifySuccess(message: string): void {
  notifications.show({
    message,
    role: 'status',
    color: 'brand',
    icon: <IconCheck size={ICON_SIZE} aria-hidden />,
    autoClose: SUCCESS_MILLISECONDS,
    closeButtonProps,
  });
}

export function notifyInfo(message: string): void {
  notifications.show({
    message,
    role: 'status',
    color: 'gray',
    icon: <IconInfoCircle size={ICON_SIZE} aria-hidden />,
    autoClose: FAILURE_MILLISECONDS,
    closeButtonProps,
  });
}

function whatNext(failure: Failure): string {
  const seconds = failure.retryAfterSeconds;
  if (seconds === undefined || (failure.kind !== 'limited' && failure.kind !== 'unavailable')) return '';
  const end = /[.!?]$/.test(failure.message) ? '' : '.';
  return `${end} Try again in ${seconds} second${seconds === 1 ? '' : 's'}.`;
}

// The same failure again replaces its snack bar instead of piling up.
export function notifyFailure(failure: Failure): void {
  const id = `failure-${failure.kind}-${failure.code}`;
  notifications.hide(id);
  failures.add(id);
  notifications.show({
    id,
    message: `${failure.message}${whatNext(failure)}`,
    role: 'alert',
    color: 'red',
    icon: <IconAlertTriangle size={ICON_SIZE} aria-hidden />,
    autoClose: FAILURE_MILLISECONDS,
    closeButtonProps,
  });
}
