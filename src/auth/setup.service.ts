/** The first organization and its owner, by a one-time link that only the operator sees. */
import { Inject, Injectable } from '@nestjs/common';
import { Audit } from '../audit/audit.service.js';
import { OrganizationStore } from '../organizations/organization.store.js';
import { SetupLinkStore } from '../organizations/setup-link.store.js';
import { after, Clock, hours, minutes } from '../platform/clock.js';
import { Database } from '../platform/database.js';
import { Log } from '../platform/log.js';
import { randomToken } from '../platform/randomness.js';
import { Settings } from '../platform/settings.js';
import { Sweeper } from '../platform/sweeper.js';
import { hashOfToken } from '../sessions/session-token.js';
import type { Visit } from '../sessions/visit.js';
import { Passwords } from '../users/passwords.service.js';
import { type PasswordProof, UserStore } from '../users/user.store.js';
import type { SetupForm } from './setup.form.js';
import { SignIn } from './sign-in.service.js';

export type SetupOutcome =
  | { readonly outcome: 'created'; readonly proof: PasswordProof }
  | { readonly outcome: 'password-refused'; readonly message: string }
  | { readonly outcome: 'dead-link' };

type From = Pick<Visit, 'address' | 'visitorId'>;

const linkLifetime = hours(24);
/** How long the twin of the post that used the link (a double click) is recognized. */
const twinWindow = minutes(1);

@Injectable()
export class Setup {
  constructor(
    @Inject(Database) private readonly database: Database,
    @Inject(OrganizationStore) private readonly organizations: OrganizationStore,
    @Inject(SetupLinkStore) private readonly links: SetupLinkStore,
    @Inject(UserStore) private readonly users: UserStore,
    @Inject(Passwords) private readonly passwords: Passwords,
    @Inject(SignIn) private readonly signIn: SignIn,
    @Inject(Audit) private readonly audit: Audit,
    @Inject(Clock) private readonly clock: Clock,
    @Inject(Settings) private readonly settings: Settings,
    @Inject(Log) private readonly log: Log,
    @Inject(Sweeper) sweeper: Sweeper,
  ) {
    sweeper.register('setup_links', (now) => this.links.sweep(now));
  }

  /** @returns a new link, or undefined when there is an organization */
  async createLink(): Promise<string | undefined> {
    if (await this.organizations.hasAny()) return undefined;
    const token = randomToken(256);
    const createdAt = this.clock.now();
    await this.links.create({ tokenHash: hashOfToken(token), createdAt, expiresAt: after(createdAt, linkLifetime) });
    return `${this.settings.config.PUBLIC_URL}/setup?token=${token}`;
  }

  isOpen(token: string): Promise<boolean> {
    return this.links.isOpen(hashOfToken(token), this.clock.now());
  }

  async createOrganization(token: string, form: SetupForm, from: From): Promise<SetupOutcome> {
    if (!(await this.isOpen(token))) return this.answerTwin(token, form, from);
    const message = this.passwords.refuse(form.password, [form.organizationName, form.name, form.username, form.email]);
    if (message) return { outcome: 'password-refused', message };
    const proof = await this.create(token, form, from.address);
    if (!proof) return this.answerTwin(token, form, from);
    this.log.info('organization created', { by: proof.userId });
    return { outcome: 'created', proof };
  }

  private async create(
    token: string,
    { organizationName, password, ...owner }: SetupForm,
    address: string,
  ): Promise<PasswordProof | undefined> {
    const stored = await this.passwords.hash(password);
    const createdAt = this.clock.now();
    return this.database.$transaction(async (transaction) => {
      if (!(await this.links.claim(transaction, hashOfToken(token), createdAt))) return undefined;
      const organization = {
        slug: slugOf(organizationName),
        name: organizationName,
        smsCountries: [this.settings.config.DEFAULT_COUNTRY],
        createdAt,
      };
      const organizationId = await this.organizations.create(transaction, organization);
      const userId = await this.users.create(transaction, { ...owner, organizationId, role: 'OWNER', password: stored, createdAt });
      const actor = { userId, username: owner.username };
      await this.audit.record(transaction, { organizationId, kind: 'organization-created', actor, address });
      return { userId, hash: stored.hash };
    });
  }

  /** A double click: the same form came with the same link, and signs in with the password that was just chosen. */
  private async answerTwin(token: string, { username, password }: SetupForm, from: From): Promise<SetupOutcome> {
    if (!(await this.links.wasUsedSince(hashOfToken(token), after(this.clock.now(), -twinWindow)))) {
      this.log.security('dead link refused', { address: from.address, link: 'setup' });
      return { outcome: 'dead-link' };
    }
    const result = await this.signIn.checkPassword({ username, password, ...from });
    return result.outcome === 'right' ? { outcome: 'created', proof: result.proof } : { outcome: 'dead-link' };
  }
}

/** What `gatehouse import` calls the organization by. */
function slugOf(name: string): string {
  const words = name
    .normalize('NFKD')
    .toLowerCase()
    .match(/[a-z0-9]+/g) ?? ['organization'];
  return words.join('-').slice(0, 60);
}
