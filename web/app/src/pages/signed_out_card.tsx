import { Group } from '@mantine/core';
import { ButtonLink } from '../layout/link.tsx';
import { PageHeading } from '../layout/page_heading.tsx';
import classes from './signed_in_card.module.css';

// What a page for signed-in people shows when it is the entry page, which signed-out people see.
export function SignedOutCard() {
  return (
    <div className={classes.card}>
      <PageHeading title="You are signed out">Log in to see your account.</PageHeading>
      <Group justify="center">
        <ButtonLink to="/login">Log in</ButtonLink>
        <ButtonLink to="/signup" variant="default">
          Sign up
        </ButtonLink>
      </Group>
    </div>
  );
}
