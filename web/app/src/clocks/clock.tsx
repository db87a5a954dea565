import { useState } from 'react';
import { formatCountdown, shareLeft, speakCountdown } from './countdown.ts';
import classes from './clock.module.css';

interface ClockProps {
  label: string;
  // What happens when it has run out.
  note: string;
  end: Date | null;
  now: number;
}

// A clock that counts down, with a bar of what is left since the page saw this end for the first time.
export function Clock({ label, note, end, now }: ClockProps) {
  const endTime = end?.getTime() ?? 0;
  const [span, setSpan] = useState({ start: now, end: endTime });
  if (span.end !== endTime) setSpan({ start: now, end: endTime });
  const left = endTime - now;
  return (
    <div className={classes.clock}>
      <div className={classes.line}>
        <span className={classes.label}>{label}</span>
        <span role="timer" aria-label={`${label}: ${end ? speakCountdown(left) : 'no end'}`} className={classes.left}>
          {end ? formatCountdown(left) : 'no end'}
        </span>
      </div>
      <svg className={classes.bar} viewBox="0 0 100 6" preserveAspectRatio="none" aria-hidden="true">
        <rect className={classes.rest} width={100 * shareLeft(now, span.start, endTime)} height="6" />
      </svg>
      <p className={classes.note}>
        {note}
        {end ? <> Ends {end.toLocaleString(undefined, { dateStyle: 'medium', timeStyle: 'short' })}.</> : null}
      </p>
    </div>
  );
}
