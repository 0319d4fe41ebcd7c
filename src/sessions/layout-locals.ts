/** What the layout of every page shows, error pages too: who is signed in, and where this Gatehouse lives. */
import { Inject, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Assets } from '../platform/assets.js';
import { Clock, secondsUntil } from '../platform/clock.js';
import { Settings } from '../platform/settings.js';
import { dayOf, daysLeft } from '../platform/wording.js';
import { CrossSiteToken } from './cross-site-token.js';
import { graceEnd } from './domain/sign-in-stage.js';
import type { Member, Visit } from './visit.js';

@Injectable()
export class LayoutLocals {
  constructor(
    @Inject(Settings) private readonly settings: Settings,
    @Inject(Assets) private readonly assets: Assets,
    @Inject(CrossSiteToken) private readonly crossSiteToken: CrossSiteToken,
    @Inject(Clock) private readonly clock: Clock,
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
    return { signedInAs: username, name, organizationName: organization.name, canManage: role !== 'AGENT', grace: this.grace(member) };
  }

  /** What is left of the days without the authenticator that the organization asks for. */
  private grace(member: Member) {
    const now = this.clock.now();
    const end = graceEnd({ ...member.organization, ...member }, now);
    return end && { from: dayOf(end), left: daysLeft(secondsUntil(end, now)) };
  }

  /** Who comes by another name for this machine would have every form refused: say so on the page. */
  private wrongHost(request: Request) {
    if (request.host === this.settings.publicHost) return {};
    return { wrongHost: { cameBy: `${request.protocol}://${request.host}`, address: this.settings.config.PUBLIC_URL } };
  }
}
