/** A form that waits while its member proves once more who they are, and is finished when they have. */
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { type Answer, Redirect } from '../platform/answer.js';
import { after, Clock } from '../platform/clock.js';
import { Encryption, SecretUnreadableError } from '../platform/encryption.js';
import type { Kept } from '../platform/forms.js';
import { Log } from '../platform/log.js';
import { randomToken } from '../platform/randomness.js';
import { Refusal } from '../platform/refusal.js';
import { tellUnreadable } from '../platform/unreadable-secret.js';
import { type ActName, acts } from './domain/acts.js';
import { proofLifetime } from './domain/step-up.policy.js';
import { KeptFormStore, type StoredForm } from './kept-form.store.js';
import { roleRefused } from './open-to.js';
import type { MemberVisit, Role, VisitSession } from './visit.js';

const keptForm = z.object({
  id: z.string(),
  action: z.string(),
  words: z.string(),
  page: z.string(),
  keptAt: z.iso.datetime(),
  fields: z.record(z.string(), z.string()),
});
export type KeptForm = z.output<typeof keptForm>;

export type FormToKeep = {
  /** Under which its finisher is registered. */
  readonly action: ActName;
  /** What it does, as the step-up page says it: "change the role of agnes". */
  readonly words: string;
  /** The page that it was sent from, to go back to. */
  readonly page: string;
  /** As posted; never a password or a code. */
  readonly fields: Kept;
};

/** Does what the form asked for, with a visit that holds the fresh proof. Judges everything anew: time has passed. */
export type Finish = (visit: MemberVisit, fields: Kept) => Promise<Answer>;

type Finisher = { readonly roles: readonly Role[]; readonly finish: Finish };

export const boundTo = (sessionId: string) => `sessions:kept_form:${sessionId}`;

@Injectable()
export class KeptForms {
  private readonly finishers = new Map<string, Finisher>();

  constructor(
    @Inject(KeptFormStore) private readonly store: KeptFormStore,
    @Inject(Encryption) private readonly encryption: Encryption,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Log) private readonly log: Log,
  ) {}

  /**
   * Called once by each controller whose posts may have to wait. The step-up, which finishes them, is open to everybody: that
   * the member may do this is looked at once more.
   */
  register(action: ActName, finish: Finish): void {
    this.finishers.set(action, { roles: acts[action].by, finish });
  }

  /** Keeps the form, one a session, and leads to the step-up that finishes it. */
  async keep({ id: sessionId }: VisitSession, toKeep: FormToKeep): Promise<Redirect> {
    const id = randomToken(128);
    const form: KeptForm = { id, keptAt: this.clock.now().toISOString(), ...toKeep };
    await this.store.keep(sessionId, this.encryption.encrypt(JSON.stringify(form), boundTo(sessionId)));
    return new Redirect(`/step-up?form=${id}`);
  }

  /** The form of this id, while it waits and as long as a proof lasts: another tab's step-up does not finish it. */
  async find({ id: sessionId }: VisitSession, id: unknown): Promise<KeptForm | undefined> {
    if (typeof id !== 'string') return undefined;
    const stored = await this.store.find(sessionId);
    const form = stored && this.open(stored);
    if (!form || form.id !== id) return undefined;
    return after(new Date(form.keptAt), proofLifetime) > this.clock.now() ? form : undefined;
  }

  /**
   * Finishes a form, once.
   * @returns undefined when it waits no more: another post was first
   * @throws Refusal 403 when the member's role has changed meanwhile
   */
  async finish(visit: MemberVisit, { id }: KeptForm): Promise<Answer | undefined> {
    const form = await this.take(visit.session, id);
    const finisher = form && this.finishers.get(form.action);
    if (!finisher) return undefined;
    if (!finisher.roles.includes(visit.member.role)) throw new Refusal(roleRefused);
    return finisher.finish(visit, form.fields);
  }

  private async take({ id: sessionId }: VisitSession, id: string): Promise<KeptForm | undefined> {
    const stored = await this.store.take(sessionId);
    const form = stored && this.open(stored);
    return form?.id === id ? form : undefined;
  }

  /** One whose key is gone from SECRET_KEYS, or that an older version kept, is no reason to fail: it is typed again. */
  private open({ sessionId, userId, keptForm: stored }: StoredForm): KeptForm | undefined {
    try {
      return keptForm.parse(JSON.parse(this.encryption.decrypt(stored, boundTo(sessionId))));
    } catch (error) {
      if (error instanceof SecretUnreadableError) tellUnreadable(this.log, error, { table: 'sessions.kept_form', user: userId });
      else this.log.error('a kept form cannot be read', error);
      return undefined;
    }
  }
}
