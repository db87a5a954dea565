// What is thrown when a call fails: the server's own words where it had any.

import type { ApiCallResponse } from '../model/api_manager.ts';

interface ErrorParts {
  status: number;
  code: string;
  message: string;
  hint?: string;
  requestId?: string;
  fields?: Record<string, string>;
  weakPasswordReasons?: string[];
  retryAfter?: number | null;
}

export class LatchkeyError extends Error {
  /** The HTTP status; −1 when nothing answered; 0 when nothing was asked. */
  readonly status: number;
  /** Stable: one of the server's codes, or no_answer, timeout, unexpected_answer, signed_out. */
  readonly code: string;
  /** For the person who builds the app. `message` is for the one who uses it. */
  readonly hint: string;
  readonly requestId: string;
  /** What is wrong with which field. */
  readonly fields: Record<string, string>;
  readonly weakPasswordReasons: string[];
  /** Seconds to wait before the next attempt, where the server said so. */
  readonly retryAfter: number | null;

  constructor(parts: ErrorParts) {
    super(parts.message);
    this.name = 'LatchkeyError';
    this.status = parts.status;
    this.code = parts.code;
    this.hint = parts.hint ?? '';
    this.requestId = parts.requestId ?? '';
    this.fields = parts.fields ?? {};
    this.weakPasswordReasons = parts.weakPasswordReasons ?? [];
    this.retryAfter = parts.retryAfter ?? null;
  }

  /** May work later without any change: no reason to sign anybody out. */
  get transient(): boolean {
    return (
      this.status === -1 ||
      this.status === 408 ||
      this.status === 429 ||
      this.status >= 500 ||
      this.code === 'unexpected_answer'
    );
  }

  static signedOut(): LatchkeyError {
    return new LatchkeyError({
      status: 0,
      code: 'signed_out',
      message: 'You are signed out',
      hint: 'A protected call was made while nobody was signed in. Nothing was sent.',
    });
  }

  /** For an answer that is no success, or a success that is not what was agreed. */
  static of(response: ApiCallResponse, now: number): LatchkeyError {
    if (response.statusCode === -1) return noAnswer(response);
    const body = asRecord(response.jsonBody);
    const code = textOf(body.code) || textOf(body.error_code);
    const requestId = textOf(body.request_id) || response.getHeader('x-request-id');
    const retryAfter = retryAfterOf(response.getHeader('retry-after'), now);
    if (code === '' || response.succeeded) return unexpected(response, requestId, retryAfter);
    const weak = asRecord(body.weak_password);
    const reasons = Array.isArray(weak.reasons) ? weak.reasons.map(textOf) : [];
    return new LatchkeyError({
      status: response.statusCode,
      code,
      // weak_password.message names what is missing.
      message: textOf(weak.message) || textOf(body.message) || textOf(body.msg) || code,
      hint: textOf(body.hint),
      requestId,
      fields: Object.fromEntries(
        Object.entries(asRecord(body.fields)).map(([field, problem]) => [field, textOf(problem)]),
      ),
      weakPasswordReasons: reasons,
      retryAfter,
    });
  }
}

export class TimeoutError extends Error {
  override name = 'TimeoutError';
}

function noAnswer(response: ApiCallResponse): LatchkeyError {
  if (response.exception instanceof TimeoutError) {
    return new LatchkeyError({
      status: -1,
      code: 'timeout',
      message: 'The server takes too long to answer. Please try again.',
      hint: 'No answer within the time limit of this client. FlutterFlow itself has no limit and would wait on.',
    });
  }
  return new LatchkeyError({
    status: -1,
    code: 'no_answer',
    message: 'The server cannot be reached. Check your connection and try again.',
    hint:
      'No connection, no such host, a refused certificate, or an answer that the browser may not read (CORS): see the ' +
      `browser's console and the setting cors.allowed_origins. ${response.exceptionMessage}`.trimEnd(),
  });
}

function unexpected(response: ApiCallResponse, requestId: string, retryAfter: number | null): LatchkeyError {
  const type = response.getHeader('content-type') || 'no content type';
  return new LatchkeyError({
    status: response.statusCode,
    code: 'unexpected_answer',
    message: 'The service is temporarily unavailable, please try again',
    hint: `The answer was not what this API answers (status ${response.statusCode}, ${type}). Often a proxy in front of the server.`,
    requestId,
    retryAfter,
  });
}

function retryAfterOf(header: string, now: number): number | null {
  if (header === '') return null;
  if (/^\d+$/.test(header)) return Number(header);
  const at = Date.parse(header);
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - now) / 1000));
}

export function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
