import { describe, expect, it } from 'vitest';

import { redactBody, redactHeaders, redactUrl, shortenToken } from './redaction.ts';

const kToken = `eyJhbGciOiJFUzI1NiJ9.${'a'.repeat(60)}.${'b'.repeat(40)}`;
const kRefresh = `lk_rt_${'c'.repeat(50)}`;

describe('redaction', () => {
  it('hides passwords and shortens tokens, at any depth', () => {
    const body = {
      email: 'a@b',
      password: 'pw',
      nested: [{ current_password: 'pw2', new_password: '' }],
      note: kToken,
    };
    const text = redactBody(JSON.stringify({ ...body, refresh_token: kRefresh, access_token: kToken }));
    expect(JSON.parse(text)).toEqual({
      email: 'a@b',
      password: '(hidden)',
      nested: [{ current_password: '(hidden)', new_password: '' }],
      note: shortenToken(kToken),
      refresh_token: shortenToken(kRefresh),
      access_token: shortenToken(kToken),
    });
  });

  it('leaves what one looks for: missing tokens, token_type, the reasons of a weak password', () => {
    const body = {
      access_token: 'null',
      refresh_token: null,
      token_type: 'bearer',
      weak_password: { reasons: ['length'], message: 'Too short' },
    };
    expect(JSON.parse(redactBody(JSON.stringify(body)))).toEqual(body);
  });

  it('hides everything behind a password in a body that is not JSON', () => {
    const broken = '{"email": "a@b", "password": "my"secret", "more": "x"}';
    expect(redactBody(broken)).toBe('{"email": "a@b", "password": (hidden)');
    expect(redactBody('email=a%40b&password=my+secret&x=1')).toBe('email=a%40b&password=(hidden)');
    expect(redactBody(`<html>${kToken}</html>`)).not.toContain(kToken);
    expect(redactBody('')).toBe('');
  });

  it.each([
    [`Bearer ${kToken}`, `Bearer ${shortenToken(kToken)}`],
    [`Bearer Bearer ${kToken}`, `Bearer Bearer ${shortenToken(kToken)}`],
    [kToken, shortenToken(kToken)],
    ['Bearer ', 'Bearer '],
    ['Bearer null', 'Bearer null'],
    ['Bearer [token]', 'Bearer [token]'],
    ['Bearer short-secret', 'Bearer (hidden)'],
    ['Basic dXNlcjpwYXNz', '(hidden)'],
  ])('keeps the shape of the header %s', (value, wanted) => {
    expect(redactHeaders({ authorization: value, Accept: 'x' })).toEqual({ authorization: wanted, Accept: 'x' });
  });

  it('hides tokens in addresses', () => {
    expect(redactUrl(`/cb?access_token=${kToken}&scope=local`)).toBe('/cb?access_token=(hidden)&scope=local');
    expect(redactUrl('/token?grant_type=password')).toBe('/token?grant_type=password');
  });

  it('never shows a token that could be used', () => {
    expect(shortenToken(kToken)).toBe(`eyJhbG…bbbb (${kToken.length} characters)`);
    expect(shortenToken('short')).toBe('(hidden)');
  });
});
