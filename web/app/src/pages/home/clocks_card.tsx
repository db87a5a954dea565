import { Button } from '@mantine/core';
import { IconRefresh } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { Clock } from '../../clocks/clock.tsx';
import { useNow } from '../../clocks/use_now.ts';
import { notifySuccess } from '../../feedback/notify.tsx';
import { SlowNotice } from '../../feedback/slow_notice.tsx';
import { Card } from '../../layout/card.tsx';
import { useSession, useSessionState } from '../../session/session_context.ts';

export function ClocksCard() {
  const session = useSession();
  const { accessExpiresAt, sessionExpiresAt, refreshing } = useSessionState();
  const now = useNow();
  const refresh = useMutation({
    mutationFn: () => session.refresh(),
    onSuccess: () => notifySuccess('The session was refreshed.'),
  });
  const busy = refreshing || refresh.isPending;
  return (
    <Card title="Your session">
      <Clock label="Access token" note="Renewed by itself before it ends." end={accessExpiresAt} now={now} />
      <Clock label="Session" note="Then you log in again." end={sessionExpiresAt} now={now} />
      <Button
        variant="default"
        aria-disabled={busy || undefined}
        aria-busy={busy || undefined}
        leftSection={busy ? <span className="spinner" /> : <IconRefresh size={18} aria-hidden />}
        onClick={() => {
          if (!busy) refresh.mutate();
        }}
      >
        Refresh now
      </Button>
      <SlowNotice waiting={refresh.isPending} />
    </Card>
  );
}
