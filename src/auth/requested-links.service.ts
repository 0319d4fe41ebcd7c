/** Links by mail that anybody can ask for: so often at most, and the same answer, and the same time, whoever it is asked for. */
import { Inject, Injectable } from '@nestjs/common';
import { hours, minutes } from '../platform/clock.js';
import { type Rate, RateLimit } from '../platform/rate-limit.js';
import { type Correspondent, UserStore } from '../users/user.store.js';
import { usernameKey } from '../users/username.js';
import { BehindAnswer } from './behind-answer.service.js';
import type { Attempt } from './password-guessing.service.js';

const byUsername: Rate = { atMost: 5, within: minutes(1) };
const byAddress: Rate = { atMost: 20, within: minutes(1) };
/**
 * A mailbox is not to be flooded, nor its owner shut out by somebody who uses its day up: after ten there is one an hour, and
 * a link works whoever asked for it.
 */
const ofDay: Rate = { atMost: 10, within: hours(24) };
const afterThose: Rate = { atMost: 1, within: hours(1) };

export type RequestedLink = {
  /** What is asked for, such as `password link`: each is counted by itself. */
  readonly what: string;
  /** Whether it is sent at all, whoever has the username: what is not sent uses no turn of the name up. */
  readonly isDue?: () => Promise<boolean>;
  readonly send: (correspondent: Correspondent) => Promise<void>;
};

@Injectable()
export class RequestedLinks {
  constructor(
    @Inject(UserStore) private readonly users: UserStore,
    @Inject(RateLimit) private readonly rateLimit: RateLimit,
    @Inject(BehindAnswer) private readonly behindAnswer: BehindAnswer,
  ) {}

  /** @returns the seconds to wait when it was asked for too often; names that nobody has are counted too */
  async ask(attempt: Attempt, { what, isDue, send }: RequestedLink): Promise<number | undefined> {
    const { username, address } = attempt;
    const whose = `${what} for ${usernameKey(username)}`;
    const ofAddress = await this.rateLimit.take(`${what} from ${address}`, byAddress, address);
    if (ofAddress !== undefined) return ofAddress;
    if (isDue && !(await isDue())) return undefined;
    const seconds = (await this.rateLimit.take(whose, byUsername, address)) ?? (await this.takeOfDay(whose, address));
    if (seconds === undefined) this.behindAnswer.run(() => this.sendTo(attempt, send), `a ${what} could not be sent`);
    return seconds;
  }

  private async takeOfDay(whose: string, address: string): Promise<number | undefined> {
    if (await this.rateLimit.tryToTake(`today ${whose}`, ofDay)) return undefined;
    return this.rateLimit.take(`late ${whose}`, afterThose, address);
  }

  private async sendTo({ username }: Attempt, send: RequestedLink['send']): Promise<void> {
    const correspondent = await this.users.findByMail(username);
    if (correspondent) await send(correspondent);
  }
}
