// How an account is shown.
import type { LatchkeyUser } from '@latchkey/flutterflow-client';

export type Person = Pick<LatchkeyUser, 'email' | 'username' | 'phone' | 'user_metadata'>;

export function fullNameOf(user: Person): string {
  const name = user.user_metadata.full_name;
  return typeof name === 'string' ? name : '';
}

// What the person signs in with.
export function identifierOf(user: Person): string {
  return user.email || user.username || user.phone;
}

export function displayNameOf(user: Person): string {
  return fullNameOf(user) || identifierOf(user) || 'Your account';
}

function firstLetter(word: string | undefined): string {
  const [first] = new Intl.Segmenter(undefined, { granularity: 'grapheme' }).segment(word ?? '');
  return first?.segment ?? '';
}

// One or two letters; an emoji or an umlaut is one letter too.
export function initialsOf(name: string): string {
  const words = name.trim().split(/\s+/);
  const last = words.length > 1 ? words.at(-1) : undefined;
  return `${firstLetter(words[0])}${firstLetter(last)}`.toUpperCase();
}
