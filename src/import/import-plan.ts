/** What each line of a batch comes to, given what is stored: created, unchanged, different or bad. */
import type { StoredOrganization } from '../organizations/organization.store.js';
import { normalizeSwitches } from '../organizations/two-factor.policy.js';
import type { StoredUser } from '../users/imported-user.store.js';
import { usernameKey } from '../users/username.js';
import { differingFields, organizationFields, userFields } from './difference.js';
import type { Credential, OrganizationLine, ParsedLine, UserLine } from './line.schema.js';

export type NumberedLine = ParsedLine & { readonly number: number };
export type Kind = 'organizations' | 'users';

export type LineOutcome =
  | { readonly outcome: 'created' | 'unchanged'; readonly kind: Kind; readonly number: number }
  | { readonly outcome: 'different'; readonly kind: Kind; readonly number: number; readonly fields: readonly string[] }
  | { readonly outcome: 'bad'; readonly number: number; readonly problem: string };

export type OrganizationFacts = Omit<StoredOrganization, 'id'>;
export type UserFacts = Omit<StoredUser, 'usernameKey'>;
export type PlannedUser = { readonly user: UserFacts; readonly credential: Credential; readonly totpSecret: string | undefined };

/** By slug, and by `usernameKey`. */
export type Known = { readonly organizations: ReadonlyMap<string, OrganizationFacts>; readonly users: ReadonlyMap<string, UserFacts> };

export class ImportPlan {
  readonly outcomes: LineOutcome[] = [];
  /** Of `known` and of the lines so far: a line that comes twice is judged as one that is stored. */
  private readonly organizationsSoFar: Map<string, OrganizationFacts>;
  private readonly usersSoFar: Map<string, UserFacts>;
  readonly organizations: OrganizationFacts[] = [];
  readonly users: PlannedUser[] = [];

  /** @param country where a new organization sends SMS when its line does not say */
  constructor(
    lines: readonly NumberedLine[],
    known: Known,
    private readonly country: string,
  ) {
    this.organizationsSoFar = new Map(known.organizations);
    this.usersSoFar = new Map(known.users);
    for (const line of lines) this.outcomes.push(this.judge(line));
  }

  private judge(parsed: NumberedLine): LineOutcome {
    const { number } = parsed;
    if (!parsed.ok) return { outcome: 'bad', number, problem: parsed.problem };
    return parsed.line.type === 'organization' ? this.judgeOrganization(number, parsed.line) : this.judgeUser(number, parsed.line);
  }

  private judgeOrganization(number: number, { type: _type, smsCountries, ...line }: OrganizationLine): LineOutcome {
    const given = { ...line, ...normalizeSwitches(line), ...(smsCountries && { smsCountries }) };
    const existing = this.organizationsSoFar.get(line.slug);
    if (existing) return compared('organizations', number, differingFields(existing, given, organizationFields));
    const organization = { smsCountries: [this.country], ...given };
    this.organizationsSoFar.set(line.slug, organization);
    this.organizations.push(organization);
    return { outcome: 'created', kind: 'organizations', number };
  }

  private judgeUser(number: number, { type: _type, credential, totpSecret, ...line }: UserLine): LineOutcome {
    if (!this.organizationsSoFar.has(line.organization)) {
      return { outcome: 'bad', number, problem: 'organization is not known: its own line has to come first' };
    }
    const key = usernameKey(line.username);
    const existing = this.usersSoFar.get(key);
    if (existing) return compared('users', number, differingFields(existing, line, userFields));
    const { email = null, phoneNumber = null, smsEnabled = true, ...rest } = line;
    const user = { ...rest, email, phoneNumber, smsEnabled };
    this.usersSoFar.set(key, user);
    this.users.push({ user, credential, totpSecret });
    return { outcome: 'created', kind: 'users', number };
  }
}

function compared(kind: Kind, number: number, fields: readonly string[]): LineOutcome {
  return fields.length === 0 ? { outcome: 'unchanged', kind, number } : { outcome: 'different', kind, number, fields };
}
