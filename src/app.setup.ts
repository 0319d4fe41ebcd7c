/** What the server and the tests share around the rooms: proxy, headers, static files, and what comes before every route. */
import type { Server } from 'node:http';
import type { DynamicModule, Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestExpressApplication } from '@nestjs/platform-express';
import { entrance } from './entrance.js';
import { everyAnswer, ofPages, setting } from './platform/answer-headers.js';
import { Assets } from './platform/assets.js';
import { keepAddresses } from './platform/client-address.js';
import { seconds } from './platform/clock.js';
import { Front } from './platform/front.js';
import type { Log } from './platform/log.js';
import { warnOfProxy } from './platform/proxy-warning.js';
import type { Settings } from './platform/settings.js';

/** How long a request may take to arrive: slow senders must not keep connections. */
const requestTimeout = seconds(10);
/**
 * How long a connection stays between two requests. Longer than what proxies keep one for (nginx and many load balancers: a minute): one
 * that both sides end at the same moment loses the post that was just being sent.
 */
const keepAliveTimeout = seconds(75);

/** @param house the rooms, wired */
export async function createApp(house: Type | DynamicModule, settings: Settings, log: Log): Promise<NestExpressApplication> {
  const always = everyAnswer(settings.isHttps);
  const front = new Front([...always, ...ofPages]);
  const app = await NestFactory.create<NestExpressApplication>(house, front, { logger: log, bodyParser: false, abortOnError: false });
  app.disable('x-powered-by').disable('etag').set('trust proxy', settings.config.TRUST_PROXY).set('query parser', 'simple');
  app.use(setting(always));
  if (settings.config.TRUST_PROXY === 0) app.use(warnOfProxy(log));
  app.use('/assets', app.get(Assets).serve());
  app.use(setting(ofPages));
  app.use(entrance(app), front.answerKnown);
  setUpServer(app.getHttpServer());
  return app;
}

function setUpServer(server: Server): void {
  keepAddresses(server);
  server.requestTimeout = requestTimeout;
  server.headersTimeout = requestTimeout;
  server.keepAliveTimeout = keepAliveTimeout;
}
