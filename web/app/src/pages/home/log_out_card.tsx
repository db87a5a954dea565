import { Button } from '@mantine/core';
import { IconLogout, IconWorldOff } from '@tabler/icons-react';
import { useState } from 'react';
import { ConfirmDialog } from '../../feedback/confirm_dialog.tsx';
import { Card } from '../../layout/card.tsx';
import { useLogOut } from '../../session/use_log_out.ts';
import classes from './log_out_card.module.css';

export function LogOutCard() {
  const logOut = useLogOut();
  const [asked, setAsked] = useState(false);
  return (
    <Card title="Log out">
      <div className={classes.buttons}>
        <Button
          variant="default"
          leftSection={<IconLogout size={18} aria-hidden />}
          aria-disabled={logOut.isPending || undefined}
          onClick={() => {
            if (!logOut.isPending) logOut.mutate('local');
          }}
        >
          Log out here
        </Button>
        <Button
          variant="subtle"
          color="red"
          leftSection={<IconWorldOff size={18} aria-hidden />}
          onClick={() => setAsked(true)}
        >
          Log out everywhere
        </Button>
      </div>
      <ConfirmDialog
        opened={asked}
        title="Log out everywhere?"
        confirm="Log out everywhere"
        pending={logOut.isPending}
        onCancel={() => setAsked(false)}
        onConfirm={() => logOut.mutate('global', { onSettled: () => setAsked(false) })}
      >
        All your sessions end, on every device, this one too.
      </ConfirmDialog>
    </Card>
  );
}
