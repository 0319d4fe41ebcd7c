/** What the server and the tests share around the rooms: proxy, headers, static files, and what comes before every route. */
import type { Server } from 'node:http';
import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { entrance } from './entrance.js';
import { everyAnswer, type Header, ofPages, setting } from './platform/answer-headers.js';
import { Assets } from './platform/assets.js';
import { keepAddresses } from './platform/client-address.js';
import { seconds } from './platform/clock.js';
import { Front } from './platform/front.js';
import type { Log } from './platform/log.js';
import { warnOfProxy } from './platform/proxy-warning.js';
import type { Settings } from './platform/settings.js';
import { answerUnreadable } from './platform/unreadable-requests.js';

/** How long a request may take to arrive: slow senders must not keep connections. */
const requestTimeout = seconds(10);

/** @param house the rooms, wired */
export async function createApp(house: Type | DynamicModule, settings: Settings, log: Log): Promise<NestExpressApplication> {
  const front = new Front();
  const app = await NestFactory.create<NestExpressApplication>(house, front, { logger: log, bodyParser: false, abortOnError: false });
  app.disable('x-powered-by').disable('etag').set('trust proxy', settings.config.TRUST_PROXY).set('query parser', 'simple');
  const always = everyAnswer(settings.isHttps);
  app.use(setting(always));
  if (settings.config.TRUST_PROXY === 0) app.use(warnOfProxy(log));
  app.use('/assets', app.get(Assets).serve());
  app.use(setting(ofPages));
  app.use(entrance(app), front.answerKnown);
  setUpServer(app.getHttpServer(), [...always, ...ofPages]);
  return app;
}

function setUpServer(server: Server, headers: readonly Header[]): void {
  keepAddresses(server);
  answerUnreadable(server, headers);
  server.requestTimeout = requestTimeout;
  server.headersTimeout = requestTimeout;
}
