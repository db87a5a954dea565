// Where the API is: a base URL as the app has it, made absolute.

/** "/auth/v1" is below the server that served the page. Outside a browser only an absolute URL can be used. */
export function absoluteBaseUrl(baseUrl: string): string {
  const trimmed = baseUrl.replace(/\/+$/, '');
  if (/^https?:\/\//i.test(trimmed)) return trimmed;
  if (typeof location === 'undefined')
    throw new Error('baseUrl must start with http:// or https:// outside a browser.');
  return new URL(trimmed, location.href).href.replace(/\/+$/, '');
}
