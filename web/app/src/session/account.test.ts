import { describe, expect, it } from 'vitest';
import { displayNameOf, initialsOf, type Person } from './account.ts';

const user: Person = {
  email: 'ada@example.com',
  username: '',
  phone: '',
  user_metadata: {},
};

describe('displayNameOf', () => {
  it('prefers the name, then what the person signs in with', () => {
    expect(displayNameOf({ ...user, user_metadata: { full_name: 'Ada Lovelace' } })).toBe('Ada Lovelace');
    expect(displayNameOf({ ...user, user_metadata: { full_name: 7 } })).toBe('ada@example.com');
    expect(displayNameOf({ ...user, email: '', phone: '+4915112345678' })).toBe('+4915112345678');
    expect(displayNameOf({ ...user, email: '' })).toBe('Your account');
  });
});

describe('initialsOf', () => {
  it.each([
    ['Ada Lovelace', 'AL'],
    ['  ada  king lovelace ', 'AL'],
    ['ada@example.com', 'A'],
    ['Örjan Ä', 'ÖÄ'],
    ['👩‍💻 Zoë', '👩‍💻Z'],
    ['', ''],
  ])('%s is %s', (name, initials) => {
    expect(initialsOf(name)).toBe(initials);
  });
});
