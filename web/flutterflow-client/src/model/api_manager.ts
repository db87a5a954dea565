// API calls of the generated code (lib/backend/api_requests/api_manager.dart), with what they do to answers and errors.

import type { FetchPort } from '../ports.ts';

export type ApiCallType = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
export type BodyType = 'NONE' | 'JSON' | 'TEXT' | 'X_WWW_FORM_URL_ENCODED';

/** What the generated call() classes hand over. */
export interface ApiCallOptions {
  callName: string;
  callType: ApiCallType;
  apiUrl: string;
  headers: Record<string, string>;
  params: Record<string, string>;
  bodyType: BodyType;
  body: string | null;
  /** Off: the body of the answer is thrown away. */
  returnBody: boolean;
  /** The body is sent as bytes; then nothing is appended to the content type. */
  encodeBodyUtf8: boolean;
  /** The answer is read as UTF-8 whatever it says. */
  decodeUtf8: boolean;
  /** The same call again answers what it answered before, without asking. */
  cache: boolean;
}

export class ApiCallResponse {
  readonly jsonBody: unknown;
  readonly headers: Record<string, string>;
  readonly statusCode: number;
  readonly bodyText: string;
  readonly exception: unknown;

  constructor(parts: {
    jsonBody?: unknown;
    headers?: Record<string, string>;
    statusCode: number;
    bodyText?: string;
    exception?: unknown;
  }) {
    this.jsonBody = parts.jsonBody ?? null;
    this.headers = parts.headers ?? {};
    this.statusCode = parts.statusCode;
    this.bodyText = parts.bodyText ?? '';
    this.exception = parts.exception ?? null;
  }

  /** 2xx, whatever the body says. */
  get succeeded(): boolean {
    return this.statusCode >= 200 && this.statusCode < 300;
  }
  /** "" when there is no such header. */
  getHeader(name: string): string {
    return this.headers[name.toLowerCase()] ?? '';
  }
  get exceptionMessage(): string {
    if (this.exception === null) return '';
    return this.exception instanceof Error ? this.exception.message : JSON.stringify(this.exception);
  }
}

/** FFApiInterceptor. Nothing here keeps two calls from doing the same thing at once. */
export interface ApiInterceptor {
  onRequest?(options: ApiCallOptions): ApiCallOptions | Promise<ApiCallOptions>;
  onResponse?(
    response: ApiCallResponse,
    retryFn: () => Promise<ApiCallResponse>,
    options: ApiCallOptions,
  ): ApiCallResponse | Promise<ApiCallResponse>;
}

/** What was really sent and what came of it. */
export interface ApiTrace {
  options: ApiCallOptions;
  url: string;
  headers: Record<string, string>;
  body: string;
  startedAt: number;
  durationMs: number;
  fromCache: boolean;
  response: ApiCallResponse;
}

export interface ApiManagerOptions {
  fetch: FetchPort;
  /** For the duration in traces only; there is no time in the calls themselves. */
  now?: () => number;
  onTrace?: (trace: ApiTrace) => void;
}

export class ApiManager {
  readonly #fetch: FetchPort;
  readonly #now: () => number;
  readonly #onTrace: (trace: ApiTrace) => void;
  readonly #cache = new Map<string, ApiCallResponse>();

  constructor(options: ApiManagerOptions) {
    this.#fetch = options.fetch;
    this.#now = options.now ?? (() => 0);
    this.#onTrace = options.onTrace ?? (() => undefined);
  }

  async makeApiCall(options: ApiCallOptions, interceptors: readonly ApiInterceptor[] = []): Promise<ApiCallResponse> {
    let prepared = options;
    for (const interceptor of interceptors) prepared = (await interceptor.onRequest?.(prepared)) ?? prepared;
    let response = await this.#call(prepared);
    for (const interceptor of interceptors) {
      response =
        (await interceptor.onResponse?.(response, () => this.#retry(options, interceptors), prepared)) ?? response;
    }
    return response;
  }

  clearCache(): void {
    this.#cache.clear();
  }

  // Prepared anew, so that a token that was replaced meanwhile is sent; not looked at again when it is back.
  async #retry(options: ApiCallOptions, interceptors: readonly ApiInterceptor[]): Promise<ApiCallResponse> {
    let prepared = options;
    for (const interceptor of interceptors) prepared = (await interceptor.onRequest?.(prepared)) ?? prepared;
    return this.#call(prepared);
  }

  async #call(options: ApiCallOptions): Promise<ApiCallResponse> {
    const url = urlOf(options);
    const headers = headersOf(options);
    const body = bodyOf(options);
    const startedAt = this.#now();
    const key = JSON.stringify(options);
    const cached = options.cache ? this.#cache.get(key) : undefined;
    const response = cached ?? (await this.#send(options, url, headers, body));
    // Kept whatever the status, but not when nothing was answered.
    if (options.cache && response.statusCode !== -1) this.#cache.set(key, response);
    this.#onTrace({
      options,
      url,
      headers,
      body: body ?? '',
      startedAt,
      durationMs: this.#now() - startedAt,
      fromCache: cached !== undefined,
      response,
    });
    return response;
  }

  async #send(
    options: ApiCallOptions,
    url: string,
    headers: Record<string, string>,
    body: string | null,
  ): Promise<ApiCallResponse> {
    // No time limit: a server that never answers is waited for without end.
    try {
      const init: RequestInit = { method: options.callType, headers };
      if (body !== null) init.body = options.encodeBodyUtf8 ? new TextEncoder().encode(body) : body;
      return await responseOf(await this.#fetch(url, init), options);
    } catch (exception) {
      return new ApiCallResponse({ statusCode: -1, exception });
    }
  }
}

function hasBody(options: ApiCallOptions): boolean {
  return options.bodyType !== 'NONE' && options.callType !== 'GET';
}

function urlOf(options: ApiCallOptions): string {
  const url = options.apiUrl.startsWith('http') ? options.apiUrl : `https://${options.apiUrl}`;
  const query = Object.entries(options.params)
    .map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
    .join('&');
  if (query === '' || options.bodyType === 'X_WWW_FORM_URL_ENCODED') return url;
  return `${url}${url.includes('?') ? '&' : '?'}${query}`;
}

function headersOf(options: ApiCallOptions): Record<string, string> {
  const headers = { ...options.headers };
  if (!hasBody(options)) return headers;
  const types = {
    NONE: '',
    JSON: 'application/json',
    TEXT: 'text/plain',
    X_WWW_FORM_URL_ENCODED: 'application/x-www-form-urlencoded',
  };
  const name = Object.keys(headers).find((header) => header.toLowerCase() === 'content-type') ?? 'Content-Type';
  const type = headers[name] ?? types[options.bodyType];
  // Dart's http package appends the charset to a body that is text.
  headers[name] = options.encodeBodyUtf8 || /charset=/i.test(type) ? type : `${type}; charset=utf-8`;
  return headers;
}

function bodyOf(options: ApiCallOptions): string | null {
  if (!hasBody(options)) return null;
  if (options.bodyType === 'X_WWW_FORM_URL_ENCODED') return new URLSearchParams(options.params).toString();
  return options.body ?? JSON.stringify(options.params);
}

async function responseOf(response: Response, options: ApiCallOptions): Promise<ApiCallResponse> {
  const bytes = new Uint8Array(await response.arrayBuffer());
  const headers = Object.fromEntries(response.headers.entries());
  const statusCode = response.status;
  let bodyText = '';
  let jsonBody: unknown = null;
  try {
    bodyText = decode(bytes, options.decodeUtf8 ? 'utf-8' : charsetOf(headers['content-type'] ?? ''));
    if (options.returnBody) jsonBody = JSON.parse(bodyText);
  } catch {
    // Not JSON, or not in the charset it claims: no body, and the status stays.
  }
  return new ApiCallResponse({ jsonBody, headers, statusCode, bodyText });
}

// Old versions of Dart's http package read what names no charset as latin1.
function charsetOf(contentType: string): string {
  return /charset="?([\w-]+)/i.exec(contentType)?.[1]?.toLowerCase() ?? 'latin1';
}

function decode(bytes: Uint8Array, charset: string): string {
  if (charset === 'utf-8' || charset === 'utf8') return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  return Array.from(bytes, (byte) => String.fromCharCode(byte)).join('');
}
