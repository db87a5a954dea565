import { IconArrowRight, IconCircleCheck } from '@tabler/icons-react';
import { useConfig } from '../config/config_context.ts';
import { ButtonLink } from '../layout/link.tsx';
import { PageHeading } from '../layout/page_heading.tsx';
import { displayNameOf } from '../session/account.ts';
import { PAGE_PATHS, PAGE_TITLES } from '../session/navigation.ts';
import { useSessionState } from '../session/session_context.ts';
import classes from './signed_in_card.module.css';

// What login and sign-up show to people who are signed in: with manual navigation that is where they stay.
export function SignedInCard() {
  const { loggedInPage } = useConfig();
  const { user } = useSessionState();
  return (
    <div className={classes.card}>
      <IconCircleCheck size={44} stroke={1.5} aria-hidden />
      <PageHeading title="You are signed in">{user ? `As ${displayNameOf(user)}.` : null}</PageHeading>
      <ButtonLink to={PAGE_PATHS[loggedInPage]} rightSection={<IconArrowRight size={18} aria-hidden />}>
        Continue to {PAGE_TITLES[loggedInPage]}
      </ButtonLink>
    </div>
  );
}
