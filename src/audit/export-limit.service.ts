/** An export reads all there is and puts a line on record: nobody takes one after the other without end (OWASP ASVS 5.0, 2.4.1). */
import { Inject, Injectable } from '@nestjs/common';
import { minutes } from '../platform/clock.js';
import { type Rate, RateLimit } from '../platform/rate-limit.js';
import { Refusal } from '../platform/refusal.js';
import type { MemberVisit } from '../sessions/visit.js';

const byMember: Rate = { atMost: 30, within: minutes(1) };

@Injectable()
export class ExportLimit {
  constructor(@Inject(RateLimit) private readonly rateLimit: RateLimit) {}

  /**
   * Counts one export of the member, whatever is exported.
   * @throws Refusal with status 429 when they took as many as they may
   */
  async take({ member, address }: MemberVisit): Promise<void> {
    const seconds = await this.rateLimit.take(`exports of ${member.userId}`, byMember, address);
    if (seconds !== undefined) throw new Refusal(tooMany(seconds));
  }
}

function tooMany(retryAfterSeconds: number) {
  return {
    status: 429,
    title: 'Too many files were asked for',
    message: 'This one was not made, and nothing was put on record.',
    link: { href: '/', text: 'Go to the home page' },
    retryAfterSeconds,
  };
}
