import type { ApiCallRecord } from '@latchkey/flutterflow-client';
import { describe, expect, it, vi } from 'vitest';
import { CallLog } from './call_log.ts';

function record(id: number): ApiCallRecord {
  return {
    id,
    name: 'user',
    method: 'GET',
    path: '/user',
    startedAt: 0,
    durationMs: 1,
    status: 200,
    request: { headers: {}, body: '' },
    response: { headers: {}, body: '' },
    code: '',
    message: '',
    hint: '',
    requestId: '',
    fromCache: false,
    exception: '',
  };
}

describe('CallLog', () => {
  it('keeps the newest hundred, newest first', () => {
    const log = new CallLog();
    for (let id = 1; id <= 103; id += 1) log.add(record(id));
    const kept = log.getSnapshot().map((call) => call.id);
    expect(kept).toHaveLength(100);
    expect(kept.slice(0, 2)).toEqual([103, 102]);
  });

  it('tells its listeners until they leave', () => {
    const log = new CallLog();
    const listener = vi.fn();
    const leave = log.subscribe(listener);
    log.add(record(1));
    log.clear();
    leave();
    log.add(record(2));
    expect(listener).toHaveBeenCalledTimes(2);
    expect(log.getSnapshot()).toHaveLength(1);
  });
});
