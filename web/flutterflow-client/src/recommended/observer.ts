// What a developer drawer is told about every API call, without secrets.

import { asRecord } from './error.ts';
import { redactBody, redactHeaders, redactUrl } from './redaction.ts';
import type { ApiTrace } from '../model/api_manager.ts';

export interface ApiCallRecord {
  readonly id: number;
  readonly name: string;
  readonly method: string;
  /** Path and query below the host. */
  readonly path: string;
  /** Milliseconds since 1970. */
  readonly startedAt: number;
  readonly durationMs: number;
  /** −1: nothing answered, see `exception`. */
  readonly status: number;
  /** Answered out of the cache; nothing was sent. */
  readonly fromCache: boolean;
  readonly request: { readonly headers: Record<string, string>; readonly body: string };
  readonly response: { readonly headers: Record<string, string>; readonly body: string };
  readonly exception: string;
  /** The server's code, message, hint and request id, or "". */
  readonly code: string;
  readonly message: string;
  readonly hint: string;
  readonly requestId: string;
}

export type ApiObserver = (record: ApiCallRecord) => void;

export function recordOf(id: number, trace: ApiTrace): ApiCallRecord {
  const { response } = trace;
  const body = asRecord(response.jsonBody);
  const text = (name: string): string => (typeof body[name] === 'string' ? body[name] : '');
  const failed = !response.succeeded;
  return {
    id,
    name: trace.options.callName,
    method: trace.options.callType,
    path: redactUrl(trace.url.replace(/^https?:\/\/[^/?#]*/i, '')) || '/',
    startedAt: trace.startedAt,
    durationMs: trace.durationMs,
    status: response.statusCode,
    fromCache: trace.fromCache,
    request: { headers: redactHeaders(trace.headers), body: redactBody(trace.body) },
    response: { headers: redactHeaders(response.headers), body: redactBody(response.bodyText) },
    exception: response.exceptionMessage,
    code: failed ? text('code') : '',
    message: failed ? text('message') : '',
    hint: text('hint'),
    requestId: text('request_id') || response.getHeader('x-request-id'),
  };
}
