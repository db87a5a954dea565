import type { LatchkeyUser } from '@latchkey/flutterflow-client';
import { Button } from '@mantine/core';
import { IconShieldCheck } from '@tabler/icons-react';
import { useMutation } from '@tanstack/react-query';
import { failureOf } from '../../feedback/failure.ts';
import { notifySuccess } from '../../feedback/notify.tsx';
import { SlowNotice } from '../../feedback/slow_notice.tsx';
import { Card } from '../../layout/card.tsx';
import { useSession } from '../../session/session_context.ts';
import classes from './protected_call_card.module.css';

interface Answered {
  user: LatchkeyUser;
  milliseconds: number;
}

export function ProtectedCallCard() {
  const session = useSession();
  const call = useMutation({
    mutationFn: async (): Promise<Answered> => {
      const start = performance.now();
      const user = await session.call<LatchkeyUser>({ method: 'GET', path: '/user', name: 'Protected call' });
      return { user, milliseconds: Math.round(performance.now() - start) };
    },
    onSuccess: () => notifySuccess('The server knows you.'),
  });
  return (
    <Card title="A protected call" description="Asks the server who you are, with your access token.">
      <Button
        variant="default"
        aria-disabled={call.isPending || undefined}
        aria-busy={call.isPending || undefined}
        leftSection={call.isPending ? <span className="spinner" /> : <IconShieldCheck size={18} aria-hidden />}
        onClick={() => {
          if (!call.isPending) call.mutate();
        }}
      >
        Call GET /user
      </Button>
      <SlowNotice waiting={call.isPending} />
      {call.data ? <AnsweredCall answered={call.data} /> : null}
      {call.error ? <p className={classes.failed}>{failureOf(call.error).message}</p> : null}
    </Card>
  );
}

function AnsweredCall({ answered: { user, milliseconds } }: { answered: Answered }) {
  const shown = { id: user.id, role: user.role, email: user.email, username: user.username, phone: user.phone };
  return (
    <figure className={classes.answer}>
      <figcaption>
        <span className={classes.ok}>200 OK</span> in {milliseconds} ms
      </figcaption>
      <pre tabIndex={0} aria-label="Answer of the server">
        {JSON.stringify(shown, null, 2)}
      </pre>
    </figure>
  );
}
