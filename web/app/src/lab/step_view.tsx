import type { StepRecord } from '@latchkey/flutterflow-client';
import { CallEntry } from '../developer/call_list.tsx';
import { heldFieldsOf } from './held_fields.ts';
import classes from './step_view.module.css';

// One step of a run: what was called, what the person sees, and what the app holds after it.
export function StepView({ record, before }: { record: StepRecord; before: StepRecord | undefined }) {
  return (
    <div className={classes.step}>
      <h3 className={classes.title}>{record.title}</h3>
      <p className={classes.shown}>
        <span className={classes.chip}>Page {record.page}</span>
        <span className={classes.chip}>{record.loggedIn ? 'logged in' : 'logged out'}</span>
        {record.storedLocation === null ? null : (
          <span className={classes.chip}>stored address {record.storedLocation}</span>
        )}
      </p>
      {record.snackBar === null ? null : (
        <p className={classes.snack}>
          <strong>Snack bar</strong> {record.snackBar}
        </p>
      )}
      {record.thrown === null ? null : (
        <p className={classes.thrown}>
          <strong>Thrown, and shown to nobody</strong> {record.thrown}
        </p>
      )}
      {record.calls.length > 0 ? (
        <ul className={classes.calls} aria-label={`Calls of the step ${record.title}`}>
          {record.calls.map((call) => (
            <li key={call.id}>
              <CallEntry call={call} />
            </li>
          ))}
        </ul>
      ) : null}
      <details className={classes.held}>
        <summary>What the app holds</summary>
        <dl>
          {heldFieldsOf(record, before).map(({ name, value, changed }) => (
            <div key={name} data-changed={changed || undefined}>
              <dt>
                {name}
                {changed ? <span className={classes.changed}>changed</span> : null}
              </dt>
              <dd>{value}</dd>
            </div>
          ))}
        </dl>
      </details>
    </div>
  );
}
