/** What the layout of every page shows, error pages too: who is signed in, and where this Gatehouse lives. */
import { Inject, Injectable } from '@nestjs/common';
import type { Request, Response } from 'express';
import { Assets } from '../platform/assets.js';
import { after, Clock, secondsUntil } from '../platform/clock.js';
import { Settings } from '../platform/settings.js';
import { dayOf, daysLeft } from '../platform/wording.js';
import { CrossSiteToken } from './cross-site-token.js';
import { graceEnd, halfOpenLifetime } from './domain/sign-in-stage.js';
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
      endsIn: this.endsIn(visit),
      ...this.signedIn(visit),
      ...this.wrongHost(request),
    };
  }

  /**
   * Seconds after which the session is over, and the page leads away by itself, so that nothing of the member stays on the
   * screen (OWASP ASVS 5.0, 14.3.1). One that is half-open has entered its stage by now.
   */
  private endsIn({ stage, session }: Visit): number | undefined {
    if (!session) return undefined;
    const now = this.clock.now();
    return 1 + secondsUntil(stage === 'signedIn' ? session.expiresAt : after(now, halfOpenLifetime), now);
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
