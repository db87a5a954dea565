import { PageHeading } from '../../layout/page_heading.tsx';
import layout from '../../layout/page.module.css';
import { useSessionState } from '../../session/session_context.ts';
import { SignedOutCard } from '../signed_out_card.tsx';
import { NameCard } from './name_card.tsx';
import { OtherSessionsCard } from './other_sessions_card.tsx';
import { PasswordCard } from './password_card.tsx';

export function AccountPage() {
  const { loggedIn, user } = useSessionState();
  if (!loggedIn) return <SignedOutCard />;
  return (
    <div className={layout.page}>
      <PageHeading title="Account">Change how the app greets you, and your password.</PageHeading>
      <div className={layout.columns}>
        <div className={layout.column}>
          {user ? <NameCard key={user.id} user={user} /> : null}
          <PasswordCard />
        </div>
        <div className={layout.column}>
          <OtherSessionsCard />
        </div>
      </div>
    </div>
  );
}
