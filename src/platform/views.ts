/** Nunjucks for every page: escaped by default, compiled once in production. */
import type { NestExpressApplication } from '@nestjs/platform-express';
import nunjucks from 'nunjucks';
import { viewsDirectory } from './package-root.js';

export function setUpViews(app: NestExpressApplication, isProduction: boolean): void {
  const loader = new nunjucks.FileSystemLoader(viewsDirectory, { noCache: !isProduction });
  const environment = new nunjucks.Environment(loader, { autoescape: true });
  environment.express(app.getHttpAdapter().getInstance());
  app.setBaseViewsDir(viewsDirectory);
  app.setViewEngine('njk');
}
