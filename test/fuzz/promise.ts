/**
 * What the product promises about who may see a member's page, said once more in the simplest way and without a line of the
 * product's code: nothing here computes with instants of a row where it can follow what happened instead.
 */
export type Role = 'OWNER' | 'ADMIN' | 'AGENT';
export type Stage = 'nobody' | 'enrollment' | 'challenge' | 'member';

const minute = 60_000;
const hour = 60 * minute;

export type Organization = { readonly name: string; required: boolean; smsAllowed: boolean; from: number | undefined };

export type User = {
  readonly username: string;
  readonly organization: Organization;
  readonly email: string | undefined;
  role: Role;
  isActive: boolean;
  /** undefined: none opens the door until a link has brought a new one. */
  password: string | undefined;
  chose: boolean;
  key: string | undefined;
  lastStep: number;
  lastCode: string;
  number: string | undefined;
  smsOn: boolean;
  recoveryCodes: string[];
  spentCodes: string[];
  wrongInRow: number;
  waitsUntil: number;
  isClosed: boolean;
  messages: { readonly to: string; readonly at: number }[];
};

/** A form that waits for a step-up. */
export type Waiting = {
  readonly id: string;
  readonly at: number;
  readonly isForManagers: boolean;
  readonly finish: (session: Session, now: number) => Answer;
};

export type Session = {
  readonly user: User;
  /** Of the browser that it was opened in. */
  readonly visitor: string | undefined;
  readonly end: number;
  cookie: string;
  passwordAt: number;
  proof: { readonly at: number; readonly by: 'app' | 'sms' | 'recovery' } | undefined;
  entered: { readonly stage: Stage; readonly at: number } | undefined;
  isEnded: boolean;
  wrongCodes: number;
  pending: { readonly key: string; readonly at: number } | undefined;
  sms: { readonly code: string; readonly at: number } | undefined;
  /** The newest that was sent, whether or not it is good for anything any more. */
  sentCode: string | undefined;
  form: Waiting | undefined;
  rotatedBy: { readonly cookie: string; readonly post: string; readonly at: number } | undefined;
  smsBy: { readonly post: string; readonly at: number } | undefined;
};

/** A sign-in sent twice, by one browser within ten seconds, is one session. */
export function isTwinSignIn(
  { user, visitor, end, isEnded, rotatedBy }: Session,
  of: Pick<Session, 'user' | 'visitor'>,
  now: number,
): boolean {
  return user === of.user && visitor === of.visitor && !isEnded && !rotatedBy && end - 24 * hour > now - 10_000;
}

/** What a post must be answered with: `to` is a path, or `in` for any page behind the door; `cookie` whether a new value comes, or one that was given before. */
export type Answer = {
  readonly status: number;
  readonly to?: string;
  readonly cookie?: 'new' | 'again';
  readonly keeps?: Waiting['finish'];
};

export const pages: Readonly<Record<Stage, string>> = {
  nobody: '/login',
  enrollment: '/two-factor/enroll',
  challenge: '/two-factor/challenge',
  member: '/',
};

/** The promise: a member's page is for whom nothing more is asked of. */
export function stageOf(session: Session | undefined, now: number): Stage {
  if (!session || isOver(session, now)) return 'nobody';
  const { user, proof } = session;
  if (!isAsked(user, now)) return 'member';
  if (user.key === undefined) return 'enrollment';
  return proof ? 'member' : 'challenge';
}

function isAsked({ organization, chose, key }: User, now: number): boolean {
  const isGrace = key === undefined && organization.from !== undefined && now < organization.from;
  return chose || (organization.required && !isGrace);
}

export function isOver({ user, end, entered, isEnded }: Session, now: number): boolean {
  return isEnded || !user.isActive || now >= end || (entered !== undefined && now - entered.at >= 15 * minute);
}

/** A request of a session: where it is first seen in enrollment or challenge, its 15 minutes begin. */
export function visit(session: Session | undefined, now: number): Stage {
  const stage = stageOf(session, now);
  if (!session || stage === 'nobody') return stage;
  const owed = stage === 'member' ? undefined : stage;
  if (owed !== session.entered?.stage) Object.assign(session, { entered: owed && { stage: owed, at: now }, wrongCodes: 0 });
  return stage;
}

/** Proven in the last ten minutes, by the strongest factor that they have. */
export function isFresh({ user, proof, passwordAt }: Session, now: number): boolean {
  const at = user.key === undefined ? passwordAt : proof?.at;
  return at !== undefined && now - at < 10 * minute;
}

export function newSession(user: User, visitor: string | undefined, now: number): Session {
  const none = {
    proof: undefined,
    entered: undefined,
    pending: undefined,
    sms: undefined,
    sentCode: undefined,
    form: undefined,
    rotatedBy: undefined,
  };
  const session = {
    user,
    visitor,
    end: now + 24 * hour,
    cookie: '',
    passwordAt: now,
    ...none,
    isEnded: false,
    wrongCodes: 0,
    smsBy: undefined,
  };
  visit(session, now);
  return session;
}

export function prove(session: Session, by: 'app' | 'sms' | 'recovery', now: number): void {
  Object.assign(session, { proof: { at: now, by }, entered: undefined, wrongCodes: 0 });
}

export function provePassword(session: Session, now: number): void {
  Object.assign(session, { passwordAt: now, entered: undefined, wrongCodes: 0 });
}

/** Charges a code to the member and to the session. @returns the refusal, where none is compared */
export function charge(session: Session, now: number): Answer | undefined {
  const { user } = session;
  if (user.isClosed) return { status: 403 };
  if (now < user.waitsUntil) return { status: 429 };
  session.wrongCodes += 1;
  user.wrongInRow += 1;
  if (user.wrongInRow === 10) user.waitsUntil = now + 15 * minute;
  if (user.wrongInRow >= 20) user.isClosed = true;
  return undefined;
}

/** Five wrong codes end a session. */
export function refuseCode(session: Session): Answer {
  if (session.wrongCodes < 5) return { status: 401 };
  session.isEnded = true;
  return { status: 303, to: '/login' };
}

export function endWaits(user: User): void {
  Object.assign(user, { wrongInRow: 0, waitsUntil: 0, isClosed: false });
}

export function maySendSms({ user: { organization, number, smsOn } }: Session): boolean {
  return organization.required && organization.smsAllowed && number !== undefined && smsOn;
}

/** One a minute, three in ten minutes to one number, five an hour, ten a day. */
export function isSmsLimited({ messages, number }: User, now: number): boolean {
  const within = (window: number) => messages.filter(({ at }) => at > now - window);
  const toNumber = within(10 * minute).filter(({ to }) => to === number);
  return within(minute).length >= 1 || toNumber.length >= 3 || within(hour).length >= 5 || within(24 * hour).length >= 10;
}

/** Who changes number or switch, or a policy that stops SMS, takes with it what was sent and what was proven by it. */
export function forgetSms(sessions: readonly Session[], except?: Session): void {
  for (const session of sessions) {
    session.sms = undefined;
    if (session !== except && session.proof?.by === 'sms') session.proof = undefined;
  }
}

export function setPolicy(organization: Organization, sessions: readonly Session[], after: Omit<Organization, 'name'>, now: number): void {
  const before = { ...organization };
  const isSame = before.required === after.required && before.smsAllowed === after.smsAllowed && before.from === after.from;
  if (isSame) return;
  const isOff = !after.required;
  const isPutOff = isLater(before, after);
  Object.assign(organization, after);
  if (!organization.smsAllowed) forgetSms(sessions);
  for (const session of sessions) {
    if (session.user.chose || isOver(session, now) || !session.entered) continue;
    if (isOff || (isPutOff && session.entered.stage === 'enrollment')) Object.assign(session, { entered: undefined, wrongCodes: 0 });
  }
}

/** What lets somebody in more easily than before asks for a fresh proof. */
export function isLoosened(before: Organization, after: Omit<Organization, 'name'>): boolean {
  return before.required && (!after.required || (!before.smsAllowed && after.smsAllowed) || isLater(before, after));
}

function isLater(before: Omit<Organization, 'name'>, after: Omit<Organization, 'name'>): boolean {
  if (!before.required || !after.required || after.from === undefined) return false;
  return before.from === undefined || after.from > before.from;
}

/** An owner manages everybody, an administrator all but owners; nobody themself, but that an owner may step down. */
export function mayManage(actor: User, target: User, what: string): boolean {
  if (actor === target) return actor.role === 'OWNER' && what === 'role';
  return actor.role === 'OWNER' || (actor.role === 'ADMIN' && target.role !== 'OWNER');
}
