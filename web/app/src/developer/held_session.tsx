import { useSession, useSessionState } from '../session/session_context.ts';
import classes from './held_session.module.css';

// What the session holder has now, and what lies in this browser's storage.
export function HeldSession() {
  const session = useSession();
  // Read anew whenever the state changes.
  const { loggedIn } = useSessionState();
  const { fields, stored } = session.describeHeld();
  return (
    <div className={classes.held}>
      <p className={classes.note}>
        {loggedIn ? 'Signed in.' : 'Signed out.'} Tokens are shortened, so that a screenshot gives nothing away.
      </p>
      <Values title="Session holder" entries={fields.map(({ name, value }) => [name, value])} />
      <Values title="Storage of this browser" entries={stored.map(({ key, value }) => [key, value])} />
    </div>
  );
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
