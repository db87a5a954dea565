import type { HeldDescription, LatchkeySession } from '@latchkey/flutterflow-client';
import { Button } from '@mantine/core';
import { useState } from 'react';
import { useSession, useSessionState } from '../session/session_context.ts';
import classes from './held_session.module.css';

// What the session holder has now, and what lies in this browser's storage.
export function HeldSession() {
  const session = useSession();
  // Read anew whenever the state changes.
  const { loggedIn } = useSessionState();
  const [whole, setWhole] = useState(false);
  const { fields, stored } = whole ? wholeOf(session) : session.describeHeld();
  return (
    <div className={classes.held}>
      <p className={classes.note}>
        {loggedIn ? 'Signed in.' : 'Signed out.'}{' '}
        {whole
          ? 'Whoever sees these tokens can act as you.'
          : 'Tokens are shortened, so that a screenshot gives nothing away.'}
      </p>
      <Button
        variant="default"
        size="sm"
        aria-pressed={whole}
        className={classes.toggle}
        onClick={() => setWhole(!whole)}
      >
        Show tokens in full
      </Button>
      <Values title="Session holder" entries={fields.map(({ name, value }) => [name, value])} />
      <Values title="Storage of this browser" entries={stored.map(({ key, value }) => [key, value])} />
    </div>
  );
}

// What describeHeld() shortens, in full.
function wholeOf(session: LatchkeySession): HeldDescription {
  const { authenticationToken, refreshToken } = session.auth;
  const tokens: Record<string, string | null> = { authenticationToken, refreshToken };
  const { fields, stored } = session.describeHeld();
  return {
    fields: fields.map(({ name, value }) => ({ name, value: tokens[name] ?? value })),
    stored: stored.map(({ key, value }) => ({ key, value: localStorage.getItem(key) ?? value })),
  };
}

function Values({ title, entries }: { title: string; entries: [string, string][] }) {
  return (
    <section>
      <h3>{title}</h3>
      {entries.length === 0 ? <p className={classes.note}>Nothing.</p> : null}
      <dl className={classes.values}>
        {entries.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{value}</dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
