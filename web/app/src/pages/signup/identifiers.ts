// What people can sign up with, and how each is asked for.
import type { SignUpInput } from '@latchkey/flutterflow-client';

export const IDENTIFIERS = {
  email: {
    label: 'Email',
    name: 'email address',
    inputType: 'email',
    autoComplete: 'email',
    example: 'you@example.com',
  },
  username: {
    label: 'User name',
    name: 'user name',
    inputType: 'text',
    autoComplete: 'username',
    example: 'ada.lovelace',
  },
  phone: { label: 'Phone', name: 'phone number', inputType: 'tel', autoComplete: 'tel', example: '+44 20 7946 0123' },
} as const;

export type IdentifierKind = keyof typeof IDENTIFIERS;

export function identifierKind(value: string): IdentifierKind {
  return value === 'username' || value === 'phone' ? value : 'email';
}

export function signUpInput(
  kind: IdentifierKind,
  values: { identifier: string; name: string; password: string },
): SignUpInput {
  const name = values.name.trim();
  return {
    [kind]: values.identifier.trim(),
    password: values.password,
    ...(name ? { data: { full_name: name } } : {}),
  };
}
