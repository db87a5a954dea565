import type { ApiCallRecord } from '@latchkey/flutterflow-client';
import { Button } from '@mantine/core';
import { useCallLog, useCalls } from './call_log_context.ts';
import classes from './call_list.module.css';
import { Exchange } from './exchange.tsx';

export function CallList() {
  const calls = useCalls();
  const log = useCallLog();
  if (calls.length === 0) {
    return (
      <div className={classes.empty}>
        <strong>No calls yet</strong>
        <p>Every call to the server is listed here, with its answer. Passwords and tokens are blacked out.</p>
      </div>
    );
  }
  return (
    <>
      <div className={classes.head}>
        <span>
          {calls.length} {calls.length === 1 ? 'call' : 'calls'}, newest first
        </span>
        <Button variant="subtle" color="gray" size="compact-sm" onClick={() => log.clear()}>
          Clear
        </Button>
      </div>
      <ol className={classes.calls} aria-label="API calls">
        {calls.map((call) => (
          <li key={call.id}>
            <CallEntry call={call} />
          </li>
        ))}
      </ol>
    </>
  );
}

export function CallEntry({ call }: { call: ApiCallRecord }) {
  return (
    <details className={classes.call}>
      <summary>
        <span className={classes.status} data-tone={toneOf(call.status)}>
          {call.status}
        </span>
        <span className={classes.target}>
          <span className={classes.method}>{call.method}</span> {call.path}
        </span>
        <span className={classes.time}>{Math.round(call.durationMs)} ms</span>
      </summary>
      <div className={classes.body}>
        {call.message ? <p>{call.message}</p> : null}
        {call.hint ? (
          <p className={classes.hint}>
            <strong>Hint</strong> {call.hint}
          </p>
        ) : null}
        <dl className={classes.facts}>
          <dt>Name</dt>
          <dd>{call.name}</dd>
          <dt>At</dt>
          <dd>{new Date(call.startedAt).toLocaleTimeString()}</dd>
          {call.code ? (
            <>
              <dt>Code</dt>
              <dd>
                <code>{call.code}</code>
              </dd>
            </>
          ) : null}
          {call.requestId ? (
            <>
              <dt>Request id</dt>
              <dd>
                <code>{call.requestId}</code>
              </dd>
            </>
          ) : null}
        </dl>
        <Exchange title="Request" {...call.request} />
        <Exchange title="Response" {...call.response} />
      </div>
    </details>
  );
}

function toneOf(status: number): 'good' | 'bad' | 'none' {
  if (status < 0) return 'none';
  return status < 400 ? 'good' : 'bad';
}
