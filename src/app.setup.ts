/** What the server and the tests share around the rooms: proxy, headers, static files, views. */
import { IncomingMessage, type Server, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import type { NestExpressApplication } from '@nestjs/platform-express';
import express, { type RequestHandler } from 'express';
import helmet from 'helmet';
import { Assets } from './platform/assets.js';
import { keepAddresses } from './platform/client-address.js';
import { seconds } from './platform/clock.js';
import { Log } from './platform/log.js';
import { publicDirectory } from './platform/package-root.js';
import { warnOfProxy } from './platform/proxy-warning.js';
import type { Settings } from './platform/settings.js';
import { answerUnreadable } from './platform/unreadable-requests.js';
import { setUpViews } from './platform/views.js';

/** How long a request may take to arrive: slow senders must not keep connections. */
const requestTimeout = seconds(10);
/** In seconds. */
const year = 31_536_000;

export function setUpApp(app: NestExpressApplication, settings: Settings): NestExpressApplication {
  app.disable('x-powered-by').disable('etag').set('trust proxy', settings.config.TRUST_PROXY).set('query parser', 'simple');
  const always = everyAnswer(settings.isHttps);
  app.use(always);
  if (settings.config.TRUST_PROXY === 0) app.use(warnOfProxy(app.get(Log)));
  app.use('/assets', keepByVersion(app.get(Assets).version), express.static(publicDirectory, assets));
  app.use(noStore);
  setUpViews(app);
  const server: Server = app.getHttpServer();
  keepAddresses(server);
  answerUnreadable(server, headersOf([...always, noStore]));
  server.requestTimeout = requestTimeout;
  server.headersTimeout = requestTimeout;
  return app;
}

/** The largest is no reason to send one in parts. */
const assets = {
  ...{ index: false, redirect: false, acceptRanges: false, cacheControl: false },
  setHeaders: (response: ServerResponse, path: string) => {
    // Express names a character set for text alone (OWASP ASVS 5.0, 4.1.1).
    if (path.endsWith('.svg')) response.setHeader('Content-Type', 'image/svg+xml; charset=utf-8');
  },
};

/**
 * Browsers keep a file whose address holds the version that is served here: a copy of another version must not give its own for it,
 * to be kept for a year.
 */
function keepByVersion(version: string): RequestHandler {
  return ({ query }, response, next) => {
    response.setHeader('Cache-Control', query['v'] === version ? `public, max-age=${year}, immutable` : 'no-cache');
    next();
  };
}

type SetHeaders = (request: IncomingMessage, response: ServerResponse, next: () => void) => void;

/** What these set, for answers that Express has no part in. */
function headersOf(setters: readonly SetHeaders[]): [name: string, value: string][] {
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  for (const set of setters) set(request, response, () => undefined);
  return response.getHeaderNames().map((name) => [name, String(response.getHeader(name))]);
}

function everyAnswer(isHttps: boolean): SetHeaders[] {
  const none = ["'none'"];
  const self = ["'self'"];
  return [
    helmet({
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
    }),
    (_, response, next) => {
      response.setHeader('Permissions-Policy', 'camera=(), microphone=(), geolocation=()');
      next();
    },
  ];
}

function noStore(_: IncomingMessage, response: ServerResponse, next: () => void): void {
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Vary', 'Sec-Fetch-Site, Origin');
  next();
}
