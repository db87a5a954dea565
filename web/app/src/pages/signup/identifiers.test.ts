import { describe, expect, it } from 'vitest';
import { signUpInput } from './identifiers.ts';

describe('signUpInput', () => {
  it('sends what was chosen, and the password untouched', () => {
    expect(signUpInput('email', { identifier: ' ada@example.com ', name: ' Ada ', password: ' p "\\ ä😀 ' })).toEqual({
      email: 'ada@example.com',
      password: ' p "\\ ä😀 ',
      data: { full_name: 'Ada' },
    });
  });

  it('sends no name where there is none', () => {
    expect(signUpInput('phone', { identifier: '+4915112345678', name: ' ', password: 'secret' })).toEqual({
      phone: '+4915112345678',
      password: 'secret',
    });
  });
});
