/** The headers of answers. They are the same on each of them, so that they are made once and not by every request. */
import { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { RequestHandler } from 'express';
import helmet from 'helmet';

export type Header = readonly [name: string, value: string];

/** What every answer carries: pages, redirects, files, refusals. */
export function everyAnswer(isHttps: boolean): readonly Header[] {
  const none = ["'none'"];
  const self = ["'self'"];
  const browserRules = helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: none,
        scriptSrc: self,
        styleSrc: self,
        imgSrc: self,
        fontSrc: self,
        connectSrc: self,
        formAction: self,
        baseUri: none,
        objectSrc: none,
        frameAncestors: none,
        manifestSrc: self,
        ...(isHttps ? { upgradeInsecureRequests: [] } : {}),
      },
    },
    strictTransportSecurity: isHttps ? { maxAge: 63_072_000, includeSubDomains: true } : false,
    // Not no-referrer, under which browsers send `Origin: null` with a post.
    referrerPolicy: { policy: 'same-origin' },
    xFrameOptions: { action: 'deny' },
  });
  return [...headersOf(browserRules), ['Permissions-Policy', 'camera=(), microphone=(), geolocation=()']];
}

/** What answers carry that are no files. */
export const ofPages: readonly Header[] = [
  ['Cache-Control', 'no-store'],
  ['Vary', 'Sec-Fetch-Site, Origin'],
];

export function setting(headers: readonly Header[]): RequestHandler {
  return (_, response, next) => {
    for (const [name, value] of headers) response.setHeader(name, value);
    next();
  };
}

function headersOf(set: ReturnType<typeof helmet>): Header[] {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  set(request, response, () => undefined);
  return response.getHeaderNames().map((name) => [name, String(response.getHeader(name))]);
}
