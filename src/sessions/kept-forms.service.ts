/** A form that waits while its member proves once more who they are: what was typed is not lost to a step-up. */
import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { after, Clock } from '../platform/clock.js';
import { Encryption } from '../platform/encryption.js';
import type { Kept } from '../platform/forms.js';
import { Log } from '../platform/log.js';
import { proofLifetime } from './domain/step-up.policy.js';
import { SessionStore } from './session.store.js';
import { Sessions } from './sessions.service.js';
import type { MemberVisit, VisitSession } from './visit.js';

const keptForm = z.object({ path: z.string(), keptAt: z.iso.datetime(), fields: z.record(z.string(), z.string()) });
type KeptForm = z.output<typeof keptForm>;

const boundTo = (sessionId: string) => `sessions:kept_form:${sessionId}`;

@Injectable()
export class KeptForms {
  constructor(
    @Inject(SessionStore) private readonly store: SessionStore,
    @Inject(Sessions) private readonly sessions: Sessions,
    @Inject(Encryption) private readonly encryption: Encryption,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Log) private readonly log: Log,
  ) {}

  /** One form a session: a newer one takes its place. @param fields never a password or a code */
  async keep({ id }: VisitSession, path: string, fields: Kept): Promise<void> {
    const form = { path, keptAt: this.clock.now().toISOString(), fields };
    await this.store.keepForm(id, this.encryption.encrypt(JSON.stringify(form), boundTo(id)));
  }

  /** What was typed on the page `path`, once it was proven, and as long as a proof lasts. */
  async find(visit: MemberVisit, path: string): Promise<Kept | undefined> {
    if (!this.sessions.hasFreshProof(visit)) return undefined;
    const { id } = visit.session;
    const stored = await this.store.findKeptForm(id);
    if (!stored) return undefined;
    const form = this.open(id, stored);
    if (form?.path !== path || after(new Date(form.keptAt), proofLifetime) <= this.clock.now()) return undefined;
    return form.fields;
  }

  async forget({ id }: VisitSession): Promise<void> {
    await this.store.keepForm(id, null);
  }

  /** One whose key is gone from SECRET_KEYS is no reason to keep its page from the member: it is typed again. */
  private open(id: string, stored: string): KeptForm | undefined {
    try {
      return keptForm.parse(JSON.parse(this.encryption.decrypt(stored, boundTo(id))));
    } catch (error) {
      this.log.error('a kept form cannot be read', error);
      return undefined;
    }
  }
}
