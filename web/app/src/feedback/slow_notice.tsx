import { useEffect, useState } from 'react';
import classes from './slow_notice.module.css';

const SLOW_AFTER_MILLISECONDS = 2500;

function StillWaiting() {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setSlow(true), SLOW_AFTER_MILLISECONDS);
    return () => clearTimeout(timer);
  }, []);
  return slow ? <>The server is taking longer than usual. Still waiting…</> : null;
}

// Says that an answer takes long, so that nobody presses the button again.
export function SlowNotice({ waiting }: { waiting: boolean }) {
  return (
    <p className={classes.notice} role="status">
      {waiting ? <StillWaiting /> : null}
    </p>
  );
}
