import { describe, expect, it } from 'vitest';
import type { Failure } from './failure.ts';
import { fieldErrorsOf } from './form_errors.ts';

const failure: Failure = {
  kind: 'refused',
  code: 'validation_failed',
  message: 'Some fields are not valid',
  fields: {},
  retryAfterSeconds: undefined,
};
const KNOWN = ['identifier', 'password'];

describe('fieldErrorsOf', () => {
  it('shows an error at the field that stands for the one the server named', () => {
    const fields = { email: 'Not an address', password: 'Missing' };
    expect(fieldErrorsOf({ ...failure, fields }, KNOWN, { email: 'identifier' })).toEqual({
      identifier: 'Not an address',
      password: 'Missing',
    });
  });

  it('leaves out fields that the form does not have', () => {
    expect(fieldErrorsOf({ ...failure, fields: { data: 'Too large' } }, KNOWN)).toEqual({});
  });

  it('shows the message at the fallback when no field is named', () => {
    expect(fieldErrorsOf(failure, KNOWN, {}, 'password')).toEqual({ password: 'Some fields are not valid' });
    expect(fieldErrorsOf(failure, KNOWN)).toEqual({});
  });
});
