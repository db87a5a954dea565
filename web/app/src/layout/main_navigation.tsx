import { IconFlask, IconHome, IconUserCircle } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useSessionState } from '../session/session_context.ts';
import classes from './main_navigation.module.css';

const ICON_SIZE = 20;

// The pages of signed-in people: in the header, and at the bottom of a phone's screen.
export function MainNavigation() {
  const { loggedIn } = useSessionState();
  if (!loggedIn) return null;
  return (
    <nav aria-label="Pages" className={classes.pages} data-pages>
      <Link to="/home" className={classes.page}>
        <IconHome size={ICON_SIZE} aria-hidden />
        Home
      </Link>
      <Link to="/account" className={classes.page}>
        <IconUserCircle size={ICON_SIZE} aria-hidden />
        Account
      </Link>
      <Link to="/lab" className={classes.page}>
        <IconFlask size={ICON_SIZE} aria-hidden />
        Lab
      </Link>
    </nav>
  );
}
