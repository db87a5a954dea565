import { Button } from '@mantine/core';
import { IconDevicesOff } from '@tabler/icons-react';
import { useState } from 'react';
import { ConfirmDialog } from '../../feedback/confirm_dialog.tsx';
import { Card } from '../../layout/card.tsx';
import { AnchorLink } from '../../layout/link.tsx';
import { useLogOut } from '../../session/use_log_out.ts';

export function OtherSessionsCard() {
  const logOut = useLogOut();
  const [asked, setAsked] = useState(false);
  return (
    <Card
      title="Other devices"
      description={
        <>
          Sign out everywhere else when a device was lost.{' '}
          <AnchorLink to="/home">See where you are signed in</AnchorLink>
        </>
      }
    >
      <Button variant="default" leftSection={<IconDevicesOff size={18} aria-hidden />} onClick={() => setAsked(true)}>
        End all other sessions
      </Button>
      <ConfirmDialog
        opened={asked}
        title="End all other sessions?"
        confirm="End other sessions"
        pending={logOut.isPending}
        onCancel={() => setAsked(false)}
        onConfirm={() => logOut.mutate('others', { onSettled: () => setAsked(false) })}
      >
        You stay signed in here. Everywhere else you log in again.
      </ConfirmDialog>
    </Card>
  );
}
