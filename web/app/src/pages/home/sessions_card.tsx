import { Button, Skeleton } from '@mantine/core';
import { IconDeviceDesktop, IconDeviceMobile, IconPrompt } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { SessionRow } from '@latchkey/flutterflow-client';
import { useState } from 'react';
import { ConfirmDialog } from '../../feedback/confirm_dialog.tsx';
import { failureOf } from '../../feedback/failure.ts';
import { notifySuccess } from '../../feedback/notify.tsx';
import { Card } from '../../layout/card.tsx';
import { SESSIONS_KEY } from '../../session/queries.ts';
import { useSession } from '../../session/session_context.ts';
import { describeDevice } from '../../sessions_list/device.ts';
import classes from './sessions_card.module.css';

const ICONS = { computer: IconDeviceDesktop, phone: IconDeviceMobile, program: IconPrompt };

export function SessionsCard() {
  const session = useSession();
  const sessions = useQuery({ queryKey: [SESSIONS_KEY], queryFn: () => session.sessions() });
  return (
    <Card title="Where you are signed in" description="End a session that you do not know.">
      {sessions.isPending ? <Loading /> : null}
      {sessions.isError && !sessions.data ? (
        <div className={classes.failed} role="alert">
          <p>{failureOf(sessions.error).message}</p>
          <Button variant="default" size="sm" onClick={() => void sessions.refetch()}>
            Try again
          </Button>
        </div>
      ) : null}
      {sessions.data ? <SessionList rows={sessions.data} /> : null}
    </Card>
  );
}

function Loading() {
  return (
    <div className={classes.loading} aria-busy="true" aria-label="Loading your sessions" role="status">
      <Skeleton height={44} radius="md" />
      <Skeleton height={44} radius="md" />
    </div>
  );
}

function SessionList({ rows }: { rows: SessionRow[] }) {
  const session = useSession();
  const queries = useQueryClient();
  const [asked, setAsked] = useState<SessionRow>();
  const revoke = useMutation({
    mutationFn: (row: SessionRow) => session.revokeSession(row.id),
    onSuccess: () => notifySuccess('The session was ended.'),
    onSettled: () => {
      setAsked(undefined);
      return queries.invalidateQueries({ queryKey: [SESSIONS_KEY] });
    },
  });
  return (
    <>
      <ul className={classes.list} aria-label="Sessions">
        {rows.map((row) => (
          <Row key={row.id} row={row} onRevoke={() => setAsked(row)} />
        ))}
      </ul>
      {rows.length === 1 ? <p className={classes.only}>This is the only place where you are signed in.</p> : null}
      <ConfirmDialog
        opened={asked !== undefined}
        title="End this session?"
        confirm="End session"
        pending={revoke.isPending}
        onCancel={() => setAsked(undefined)}
        onConfirm={() => {
          if (asked) revoke.mutate(asked);
        }}
      >
        {asked ? describeDevice(asked.user_agent).name : 'That device'} will be signed out. You can sign in there again
        with your password.
      </ConfirmDialog>
    </>
  );
}

function Row({ row, onRevoke }: { row: SessionRow; onRevoke: () => void }) {
  const device = describeDevice(row.user_agent);
  const Icon = ICONS[device.kind];
  const used = new Date(row.refreshed_at || row.created_at);
  return (
    <li className={classes.row}>
      <span className={classes.icon} aria-hidden="true">
        <Icon size={22} stroke={1.6} />
      </span>
      <div className={classes.what}>
        <span className={classes.name}>
          {device.name}
          {row.current ? <span className={classes.badge}>This device</span> : null}
        </span>
        <span className={classes.details}>
          {row.ip ? `${row.ip} · ` : ''}
          {used.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })}
        </span>
      </div>
      {row.current ? null : (
        <Button variant="default" size="sm" aria-label={`End session: ${device.name}`} onClick={onRevoke}>
          End
        </Button>
      )}
    </li>
  );
}
