/** What the server and the tests share around the rooms: proxy, headers, static files, views. */
import type { NestExpressApplication } from '@nestjs/platform-express';
import express from 'express';
import helmet from 'helmet';
import { hours, seconds } from './platform/clock.js';
import { publicDirectory } from './platform/package-root.js';
import type { Settings } from './platform/settings.js';
import { setUpViews } from './platform/views.js';

/** How long a request may take to arrive: slow senders must not keep connections. */
const requestTimeout = seconds(10);

export function setUpApp(app: NestExpressApplication, settings: Settings): NestExpressApplication {
  app.disable('x-powered-by').disable('etag').set('trust proxy', settings.config.TRUST_PROXY).set('query parser', 'simple');
  app.use(securityHeaders(settings.isHttps));
  app.use('/assets', express.static(publicDirectory, { index: false, redirect: false, immutable: true, maxAge: hours(24 * 365) }));
  app.use(noStore);
  setUpViews(app);
  const server = app.getHttpServer();
  server.requestTimeout = requestTimeout;
  server.headersTimeout = requestTimeout;
  return app;
}

function securityHeaders(isHttps: boolean) {
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
    (_: express.Request, response: express.Response, next: express.NextFunction) => {
      response.setHeader('Permissions-Policy', 'camera=(), microphone=(), geolocation=()');
      next();
    },
  ];
}

function noStore(_: express.Request, response: express.Response, next: express.NextFunction): void {
  response.setHeader('Cache-Control', 'no-store');
  response.setHeader('Vary', 'Sec-Fetch-Site, Origin');
  next();
}
