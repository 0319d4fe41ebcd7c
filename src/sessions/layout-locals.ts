/** What the layout of every page shows, error pages too: who is signed in, and where this Gatehouse lives. */
import { Inject, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Assets } from '../platform/assets.js';
import { Settings } from '../platform/settings.js';
import { CrossSiteToken } from './cross-site-token.js';
import type { Visit } from './visit.js';

@Injectable()
export class LayoutLocals {
  constructor(
    @Inject(Settings) private readonly settings: Settings,
    @Inject(Assets) private readonly assets: Assets,
    @Inject(CrossSiteToken) private readonly crossSiteToken: CrossSiteToken,
  ) {}

  fill(request: Request, response: Response, visit: Visit): void {
    response.locals['layout'] = {
      product: 'Gatehouse',
      csrfToken: this.crossSiteToken.tokenFor(visit),
      currentPath: request.originalUrl.replace(/\?.*$/, ''),
      assetVersion: this.assets.version,
      ...this.signedIn(visit),
      ...this.wrongHost(request),
    };
  }

  private signedIn({ stage, member }: Visit) {
    if (stage !== 'signedIn' || !member) return {};
    const { username, name, role, organization } = member;
    return { signedInAs: username, name, organizationName: organization.name, canManage: role !== 'AGENT' };
  }

  /** Who comes by another name for this machine would have every form refused: say so on the page. */
  private wrongHost(request: Request) {
    if (request.host === this.settings.publicHost) return {};
    return { wrongHost: { cameBy: `${request.protocol}://${request.host}`, address: this.settings.config.PUBLIC_URL } };
  }
}
