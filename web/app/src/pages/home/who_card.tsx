import type { LatchkeyUser } from '@latchkey/flutterflow-client';
import { Card } from '../../layout/card.tsx';
import { AnchorLink } from '../../layout/link.tsx';
import { displayNameOf, fullNameOf, identifierOf, initialsOf } from '../../session/account.ts';
import classes from './who_card.module.css';

function factsOf(user: LatchkeyUser): [string, string][] {
  const since = new Date(user.created_at);
  const facts: [string, string][] = [
    ['Email', user.email],
    ['User name', user.username],
    ['Phone', user.phone],
    ['Member since', Number.isNaN(since.getTime()) ? '' : since.toLocaleDateString(undefined, { dateStyle: 'long' })],
    ['User id', user.id],
  ];
  return facts.filter(([, value]) => value !== '');
}

export function WhoCard({ user }: { user: LatchkeyUser }) {
  const name = displayNameOf(user);
  return (
    <Card title="You" aside={<AnchorLink to="/account">Edit</AnchorLink>}>
      <div className={classes.who}>
        <span className={classes.avatar} aria-hidden="true">
          {initialsOf(name)}
        </span>
        <div className={classes.names}>
          <strong>{name}</strong>
          {fullNameOf(user) ? <span>{identifierOf(user)}</span> : null}
        </div>
      </div>
      <dl className={classes.facts}>
        {factsOf(user).map(([label, value]) => (
          <div key={label}>
            <dt>{label}</dt>
            <dd>{label === 'User id' ? <code>{value}</code> : value}</dd>
          </div>
        ))}
      </dl>
    </Card>
  );
}
