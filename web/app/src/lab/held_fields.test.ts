import { describe, expect, it } from 'vitest';
import { heldFieldsOf } from './held_fields.ts';

const nothing = { authenticationToken: null, refreshToken: null, tokenExpiration: null, uid: null, userData: null };

function changedNames(fields: ReturnType<typeof heldFieldsOf>): string[] {
  return fields.filter(({ changed }) => changed).map(({ name }) => name);
}

describe('heldFieldsOf', () => {
  it('marks what the first step brought', () => {
    const record = { held: { ...nothing, uid: '0190' }, stored: { 'flutter._auth_uid_': '"0190"' } };
    expect(changedNames(heldFieldsOf(record, undefined))).toEqual(['uid', 'flutter._auth_uid_']);
  });

  it('marks what a step took away', () => {
    const before = { held: { ...nothing, uid: '0190' }, stored: { 'flutter._auth_uid_': '"0190"' } };
    const fields = heldFieldsOf({ held: nothing, stored: {} }, before);
    expect(fields).toContainEqual({ name: 'uid', value: 'null', changed: true });
    expect(fields).toContainEqual({ name: 'flutter._auth_uid_', value: 'removed', changed: true });
  });

  it('shortens what is long', () => {
    const [field] = heldFieldsOf({ held: { ...nothing, authenticationToken: 'x'.repeat(200) }, stored: {} }, undefined);
    expect(field?.value).toBe(`${'x'.repeat(160)}… (200 characters)`);
  });

  it('marks nothing when nothing changed', () => {
    const record = { held: nothing, stored: {} };
    expect(changedNames(heldFieldsOf(record, record))).toEqual([]);
  });
});
