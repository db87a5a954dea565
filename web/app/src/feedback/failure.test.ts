import { describe, expect, it } from 'vitest';
import { describeFailure, type RefusedCall } from './failure.ts';

const refused: RefusedCall = {
  status: 400,
  code: 'invalid_credentials',
  message: 'Invalid login credentials',
  fields: {},
  retryAfter: null,
};

describe('describeFailure', () => {
  it('shows the message of the server', () => {
    expect(describeFailure(refused, true)).toEqual({
      kind: 'refused',
      code: 'invalid_credentials',
      message: 'Invalid login credentials',
      fields: {},
      retryAfterSeconds: undefined,
    });
  });

  it('keeps what is wrong with each field', () => {
    const fields = { email: 'Not an address' };
    expect(describeFailure({ ...refused, fields }, true).fields).toEqual(fields);
  });

  it('says how long to wait after too many requests', () => {
    const call = { ...refused, status: 429, code: 'over_request_rate_limit', retryAfter: 17 };
    expect(describeFailure(call, true)).toMatchObject({ kind: 'limited', retryAfterSeconds: 17 });
  });

  it('tells a busy server from a refusal', () => {
    expect(describeFailure({ ...refused, status: 503, code: 'overloaded' }, true).kind).toBe('unavailable');
  });

  it('says so when something that is not JSON arrives', () => {
    const failure = describeFailure({ ...refused, status: 502, code: 'unexpected_answer' }, true);
    expect(failure.kind).toBe('not_json');
    expect(failure.message).toContain('not JSON (status 502)');
  });

  it('tells being offline from a server that does not answer', () => {
    const call = { ...refused, status: -1, code: 'no_answer', message: 'The server cannot be reached' };
    expect(describeFailure(call, true)).toMatchObject({ kind: 'unreachable', message: 'The server cannot be reached' });
    expect(describeFailure(call, false).kind).toBe('offline');
    expect(describeFailure({ ...call, code: 'timeout' }, true).kind).toBe('unreachable');
  });
});
