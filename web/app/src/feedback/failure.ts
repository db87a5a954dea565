// What went wrong with a call, in the words that a person sees.
import { LatchkeyError } from '@latchkey/flutterflow-client';

export interface Failure {
  kind: 'offline' | 'unreachable' | 'not_json' | 'limited' | 'unavailable' | 'refused' | 'broken';
  code: string;
  message: string;
  // What is wrong with each field, by the server's name of the field.
  fields: Record<string, string>;
  retryAfterSeconds: number | undefined;
}

// The part of LatchkeyError that matters here.
export type RefusedCall = Pick<LatchkeyError, 'status' | 'code' | 'message' | 'fields' | 'retryAfter'>;

const BLANK = { code: '', fields: {}, retryAfterSeconds: undefined };

function kindOf(status: number): Failure['kind'] {
  if (status === 429) return 'limited';
  return status >= 500 ? 'unavailable' : 'refused';
}

export function describeFailure(call: RefusedCall, online: boolean): Failure {
  const { status, code, message, fields } = call;
  if (code === 'no_answer' || code === 'timeout') {
    if (!online) {
      return { ...BLANK, code, kind: 'offline', message: 'You are offline. Please try again when you are connected.' };
    }
    return { ...BLANK, code, kind: 'unreachable', message };
  }
  const retryAfterSeconds = call.retryAfter ?? undefined;
  if (code === 'unexpected_answer') {
    const text = `The server answered something that is not JSON (status ${status}). Please try again in a moment.`;
    return { ...BLANK, code, kind: 'not_json', message: text, retryAfterSeconds };
  }
  return { kind: kindOf(status), code, message, fields, retryAfterSeconds };
}

export function failureOf(error: unknown): Failure {
  if (error instanceof LatchkeyError) return describeFailure(error, navigator.onLine);
  console.error(error);
  return { ...BLANK, kind: 'broken', message: 'Something went wrong in this app. Please reload the page.' };
}
