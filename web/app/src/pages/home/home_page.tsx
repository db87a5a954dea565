import { PageHeading } from '../../layout/page_heading.tsx';
import layout from '../../layout/page.module.css';
import { displayNameOf } from '../../session/account.ts';
import { useSessionState } from '../../session/session_context.ts';
import { SignedOutCard } from '../signed_out_card.tsx';
import { ClocksCard } from './clocks_card.tsx';
import { LogOutCard } from './log_out_card.tsx';
import { ProtectedCallCard } from './protected_call_card.tsx';
import { SessionsCard } from './sessions_card.tsx';
import { WhoCard } from './who_card.tsx';

export function HomePage() {
  const { loggedIn, user } = useSessionState();
  if (!loggedIn) return <SignedOutCard />;
  return (
    <div className={layout.page}>
      <PageHeading title={user ? `Hello, ${displayNameOf(user)}` : 'Home'}>
        This page shows only to people who are signed in.
      </PageHeading>
      <div className={layout.columns}>
        <div className={layout.column}>
          {user ? <WhoCard user={user} /> : null}
          <ClocksCard />
        </div>
        <div className={layout.column}>
          <SessionsCard />
          <ProtectedCallCard />
          <LogOutCard />
        </div>
      </div>
    </div>
  );
}
