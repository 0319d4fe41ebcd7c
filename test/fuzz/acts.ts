/** What people do at the door: each act is done over HTTP, and its answer is held against the promise. */
import type { PageSeen } from '../support/browser.js';
import {
  type Answer,
  charge,
  endWaits,
  forgetSms,
  isFresh,
  isLoosened,
  isOver,
  isSmsLimited,
  isTwinSignIn,
  mayManage,
  maySendSms,
  newSession,
  pages,
  prove,
  provePassword,
  refuseCode,
  type Role,
  type Session,
  setPolicy,
  type Stage,
  type User,
  visit,
} from './promise.js';
import { newTab, numberOf, type Tab, type Window, type World } from './world.js';

/**
 * In which browser and tab. `isReady`: whoever is not far enough gets there first; `isFresh`: the page is opened first, else its
 * form is as old as the tab; `isProven`: a step-up that is asked for is answered; `isQuiet`: nobody looks after it.
 */
type Where = {
  readonly isReady: boolean;
  readonly isProven: boolean;
  readonly browser: number;
  readonly tab: number;
  readonly isFresh: boolean;
  readonly isQuiet: boolean;
};
export type CodeKind =
  'now' | 'next' | 'before' | 'long ago' | 'used' | 'wrong' | 'malformed' | 'of another' | 'pending' | 'sms' | 'sms of another';
export const codeKinds: readonly CodeKind[] = [
  'now',
  'next',
  'before',
  'long ago',
  'used',
  'wrong',
  'malformed',
  'of another',
  'pending',
  'sms',
  'sms of another',
];
export type ManageKind = 'OWNER' | 'ADMIN' | 'AGENT' | 'deactivate' | 'reactivate' | 'unlock' | 'reset-two-factor';
export type Act = Where &
  (
    | { readonly do: 'go on'; readonly user: number }
    | { readonly do: 'sign in'; readonly user: number; readonly isRight: boolean }
    | { readonly do: 'enroll' | 'answer' | 'replace' | 'choose' | 'leave'; readonly code: CodeKind }
    | { readonly do: 'four wrong codes' | 'ask for sms' | 'sign out' | 'end others' | 'renew codes' }
    | { readonly do: 'recover'; readonly by: 'unused' | 'used' | 'of another' | 'wrong' }
    | { readonly do: 'policy'; readonly required: boolean; readonly smsAllowed: boolean; readonly from: 'as it is' | 'now' | 'tomorrow' }
    | { readonly do: 'step up'; readonly by: CodeKind | 'password' | 'wrong password' }
    | { readonly do: 'switch sms'; readonly isOn: boolean }
    | { readonly do: 'change number'; readonly which: 0 | 1 | undefined }
    | { readonly do: 'change password'; readonly isRight: boolean }
    | { readonly do: 'forgot password'; readonly user: number }
    | { readonly do: 'manage'; readonly what: ManageKind; readonly user: number }
    | { readonly do: 'wait'; readonly seconds: number }
    | { readonly do: 'copy the cookie'; readonly to: number }
    | { readonly do: 'lose the cookie' }
  );

type Route = { readonly stages: readonly Stage[]; readonly isForManagers?: boolean };
type Post = { readonly path: string; readonly page?: string; readonly fields?: Readonly<Record<string, string>>; readonly route: Route };
type Visit = { readonly session: Session | undefined; readonly visitor: string | undefined; readonly tab: Tab; readonly stage: Stage };
/** What the promise answers, when the door lets the post through. */
type Judge = (session: Session, now: number) => Answer | Promise<Answer>;

const members: Route = { stages: ['member'] };
const challenge: Route = { stages: ['challenge'] };
const stepUp: Answer = { status: 303, to: '/step-up' };
const mostWrongPasswords = 4;

/** Where an act makes sense; the others make sense everywhere. */
const wantedStage: Partial<Record<Act['do'], Stage>> = {
  enroll: 'enrollment',
  answer: 'challenge',
  'four wrong codes': 'challenge',
  'ask for sms': 'challenge',
  recover: 'challenge',
  replace: 'member',
  choose: 'member',
  leave: 'member',
  'end others': 'member',
  'renew codes': 'member',
  policy: 'member',
  'step up': 'member',
  'switch sms': 'member',
  'change number': 'member',
  'change password': 'member',
  manage: 'member',
};

export class Acting {
  private turn = 0;

  constructor(private readonly world: World) {}

  /** @throws where server and promise do not agree */
  async perform(act: Act): Promise<void> {
    const { world } = this;
    this.turn += 1;
    world.door.clock.turn(1000);
    world.told.push(`${this.turn}. ${act.do} (browser ${act.browser})`);
    const window = world.windows[act.browser]!;
    const tab = window.tabs[act.tab]!;
    if (act.isReady) await this.makeReady(act, window);
    const { form } = tab;
    await this.doIt(act, window);
    if (act.isProven && tab.form !== form && world.stageOf(window) === 'member') await this.stepUpRightly(act, window);
    if (!act.isQuiet) await world.look(this.turn);
  }

  /** In the end everybody looks, and every cookie that died is dead. */
  async end(): Promise<void> {
    this.world.told.push('in the end');
    await this.world.look(0);
    await this.world.look(2);
    for (const value of this.world.dead.slice(-12)) await this.world.lookAtDead(value);
  }

  private async makeReady(act: Act, window: Window): Promise<void> {
    const { world } = this;
    const user = 'user' in act && act.do !== 'manage' ? act.user : act.browser;
    const at = { ...act, isFresh: true, user };
    const wanted = wantedStage[act.do];
    if (wanted && world.stageOf(window) === 'nobody') await this.goOn(at, window);
    for (let turn = 0; turn < 2 && wanted === 'member' && world.stageOf(window) !== 'member'; turn += 1) await this.goOn(at, window);
  }

  private async doIt(act: Act, window: Window): Promise<void> {
    const { world } = this;
    switch (act.do) {
      case 'go on':
        return this.goOn(act, window);
      case 'sign in':
        return this.signIn(act, window, world.users[act.user]!, act.isRight);
      case 'enroll':
        return this.enroll(act, window, act.code);
      case 'answer':
        return this.answer(act, window, act.code);
      case 'four wrong codes':
        for (let index = 0; index < 4; index += 1) await this.answer({ ...act, isFresh: index === 0 && act.isFresh }, window, 'wrong');
        return;
      case 'ask for sms':
        return this.askForSms(act, window);
      case 'recover':
        return this.recover(act, window, act.by);
      case 'replace':
        return this.replace(act, window, act.code);
      case 'choose':
      case 'leave':
        return this.decide(act, window, act.do, act.code);
      case 'sign out':
        return this.signOut(act, window);
      case 'end others':
        return this.endOthers(act, window);
      case 'renew codes':
        return this.renewCodes(act, window);
      case 'policy':
        return this.policy(act, window);
      case 'step up':
        return this.stepUp(act, window, act.by);
      case 'switch sms':
        return this.switchSms(act, window, act.isOn);
      case 'change number':
        return this.changeNumber(act, window, act.which);
      case 'change password':
        return this.changePassword(act, window, act.isRight);
      case 'forgot password':
        return this.forgotPassword(window, world.users[act.user]!);
      case 'manage':
        return this.manage(act, window, act.what, world.users[act.user]!);
      case 'wait':
        return world.door.clock.turn(act.seconds * 1000);
      case 'copy the cookie': {
        const cookie = window.browser.sessionCookie;
        const thief = world.windows[act.to]!;
        if (cookie !== undefined) thief.browser.cookies.set('gatehouse', cookie);
        return;
      }
      case 'lose the cookie':
        window.browser.cookies.clear();
        for (const tab of window.tabs) Object.assign(tab, newTab());
    }
  }

  /** What the page asks for, done right: most sequences get behind the door by it. */
  private async goOn(act: Where & { readonly user: number }, window: Window): Promise<void> {
    const { world } = this;
    const at = { ...act, isFresh: true };
    switch (world.stageOf(window)) {
      case 'nobody':
        return this.signIn(at, window, world.users[act.user]!, true);
      case 'enrollment':
        return this.enroll(at, window, 'pending');
      case 'challenge':
        return this.answer(at, window, this.unusedCode(world.sessionOf(window)!.user));
      case 'member':
        return this.stepUpRightly(act, window);
    }
  }

  private stepUpRightly(act: Where, window: Window): Promise<void> {
    const { user } = this.world.sessionOf(window)!;
    return this.stepUp(act, window, user.key === undefined ? 'password' : this.unusedCode(user));
  }

  private unusedCode({ lastStep }: User): CodeKind {
    const { world } = this;
    if (lastStep > world.step) world.door.clock.turn(30_000);
    return lastStep >= world.step ? 'next' : 'now';
  }

  private async signIn(act: Where, window: Window, user: User, isRight: boolean): Promise<void> {
    const { world } = this;
    const isAccepted = isRight && user.isActive && user.password !== undefined;
    if (!isAccepted && world.wrongPasswords >= mostWrongPasswords) return;
    const fields = { username: user.username, password: isRight ? (user.password ?? 'a password of before') : 'not the password at all' };
    let opened: Session | undefined;
    const post = { path: '/login', fields, route: { stages: ['nobody'] } } as const;
    await this.postAsAnybody(act, window, post, (_, now) => {
      if (!isAccepted) {
        world.wrongPasswords += 1;
        return { status: 401 };
      }
      const visitor = world.visitorOf(window);
      const twin = world.sessions.find((session) => isTwinSignIn(session, { user, visitor }, now));
      if (twin) return { status: 303, to: twin.entered ? pages[twin.entered.stage] : '/', cookie: 'again' };
      opened = newSession(user, visitor, now);
      return { status: 303, to: opened.entered ? pages[opened.entered.stage] : '/', cookie: 'new' };
    });
    if (!opened) return;
    opened.cookie = window.browser.sessionCookie ?? '';
    world.sessions.push(opened);
  }

  private code(window: Window, kind: CodeKind): string {
    const { world } = this;
    const session = world.sessionOf(window);
    const user = session?.user;
    const other = world.users.find((candidate) => candidate !== user && candidate.key !== undefined);
    switch (kind) {
      case 'wrong':
        return world.wrongCode();
      case 'malformed':
        return '12 34x6';
      case 'used':
        return user?.lastCode || world.wrongCode();
      case 'of another':
        return other ? world.codeOf(other, 0) : world.wrongCode();
      case 'pending':
        return session?.pending ? world.door.codeOf(session.pending.key) : world.wrongCode();
      case 'sms':
        return session?.sentCode ?? world.wrongCode();
      case 'sms of another':
        return world.sessions.find((other) => other !== session && other.sentCode !== undefined)?.sentCode ?? world.wrongCode();
      default:
        return user ? world.codeOf(user, { now: 0, next: 1, before: -1, 'long ago': -3 }[kind]) : world.wrongCode();
    }
  }

  private async enroll(act: Where, window: Window, kind: CodeKind): Promise<void> {
    await this.open(act, window, pages.enrollment);
    const code = this.code(window, kind);
    const post = { path: pages.enrollment, fields: { code }, route: { stages: ['enrollment'] } } as const;
    await this.post({ ...act, isFresh: false }, window, post, (session, now) => this.confirm(session, code, now, pages.enrollment));
    await this.lookAtNewCodes(window);
  }

  private confirm(session: Session, code: string, now: number, page: string): Answer {
    const { world } = this;
    const { user, pending } = session;
    if (!/^\d{6}$/.test(code)) return { status: 422 };
    if (!pending || now - pending.at >= 15 * 60_000) return { status: 303, to: page };
    const step = world.stepOfCode(pending.key, code);
    if (step === undefined) return { status: 401 };
    const isFirst = user.key === undefined;
    if (isFirst && session.entered === undefined && !user.organization.required) user.chose = true;
    Object.assign(user, { key: pending.key, lastStep: step, lastCode: code });
    for (const other of world.sessionsOf(user))
      Object.assign(other, { pending: undefined, ...(other !== session && { proof: undefined }) });
    prove(session, 'app', now);
    return { status: 303, to: isFirst ? '/profile/recovery-codes' : '/profile/security', cookie: 'new' };
  }

  private async lookAtNewCodes(window: Window): Promise<void> {
    if (this.world.stageOf(window) === 'member') await this.world.open(window, newTab(), '/profile/recovery-codes');
  }

  private async answer(act: Where, window: Window, kind: CodeKind): Promise<void> {
    if (kind === 'sms' && act.isReady && !this.world.sessionOf(window)?.sms) await this.askForSms({ ...act, isFresh: true }, window);
    await this.open(act, window, pages.challenge);
    const code = this.code(window, kind);
    const post = { path: pages.challenge, fields: { code }, route: challenge };
    await this.post({ ...act, isFresh: false }, window, post, (session, now) =>
      this.judgeCode(session, code, { now, takesSms: true, to: 'in', right: () => undefined }),
    );
  }

  private judgeCode(
    session: Session,
    code: string,
    { now, takesSms, to, right }: { now: number; takesSms: boolean; to: string; right: () => void },
  ): Answer {
    const { user, sms } = session;
    if (!/^\d{6}$/.test(code)) return { status: 422 };
    const refusal = charge(session, now);
    if (refusal) return refusal;
    const step = user.key === undefined ? undefined : this.world.stepOfCode(user.key, code);
    const isBySms = takesSms && step === undefined && sms?.code === code && now - sms.at < 5 * 60_000 && maySendSms(session);
    if (!isBySms && (step === undefined || step <= user.lastStep)) return refuseCode(session);
    if (step !== undefined) Object.assign(user, { lastStep: step, lastCode: code });
    endWaits(user);
    prove(session, isBySms ? 'sms' : 'app', now);
    session.sms = undefined;
    right();
    return { status: 303, to, cookie: 'new' };
  }

  private async askForSms(act: Where, window: Window): Promise<void> {
    const tab = window.tabs[act.tab]!;
    let isSent = false;
    await this.post(act, window, { path: '/two-factor/challenge/sms', page: pages.challenge, route: challenge }, (session, now) => {
      const { user } = session;
      if (user.isClosed) return { status: 403 };
      if (now < user.waitsUntil) return { status: 429 };
      if (!maySendSms(session)) return { status: 403 };
      const twin = `${session.cookie} ${tab.token}`;
      if (session.smsBy?.post === twin && now - session.smsBy.at < 10_000) return { status: 303, to: pages.challenge };
      if (isSmsLimited(user, now)) return { status: 429 };
      isSent = true;
      session.smsBy = { post: twin, at: now };
      return { status: 303, to: pages.challenge };
    });
    const session = this.world.sessionOf(window);
    const number = session?.user.number;
    if (!isSent || !session || number === undefined) return;
    session.user.messages.push({ to: number, at: this.world.now });
    session.sentCode = await this.world.newestSms(number);
    session.sms = { code: session.sentCode, at: this.world.now };
  }

  private async recover(act: Where, window: Window, by: 'unused' | 'used' | 'of another' | 'wrong'): Promise<void> {
    const { world } = this;
    const user = world.sessionOf(window)?.user;
    const other = world.users.find((candidate) => candidate !== user && candidate.recoveryCodes.length > 0);
    const codes = {
      unused: user?.recoveryCodes[0],
      used: user?.spentCodes.at(-1),
      'of another': other?.recoveryCodes[0],
      wrong: undefined,
    };
    const code = codes[by] ?? 'AAAAA-BBBBB-CCCCCC-DDDDD-EEEEE';
    const fields = { recoveryCode: code };
    await this.post(act, window, { path: '/two-factor/recovery', fields, route: challenge }, (session, now) => {
      const { recoveryCodes, spentCodes } = session.user;
      const index = recoveryCodes.indexOf(code);
      if (index < 0) return { status: 401 };
      spentCodes.push(...recoveryCodes.splice(index, 1));
      endWaits(session.user);
      prove(session, 'recovery', now);
      return { status: 303, to: 'in', cookie: 'new' };
    });
  }

  private async replace(act: Where, window: Window, kind: CodeKind): Promise<void> {
    const page = '/profile/authenticator';
    await this.open(act, window, page);
    const code = this.code(window, kind);
    const before = window.browser.sessionCookie;
    await this.post({ ...act, isFresh: false }, window, { path: page, fields: { code }, route: members }, (session, now) =>
      isFresh(session, now) ? this.confirm(session, code, now, page) : stepUp,
    );
    if (window.browser.sessionCookie !== before) await this.lookAtNewCodes(window);
  }

  private async decide(act: Where, window: Window, choice: 'choose' | 'leave', kind: CodeKind): Promise<void> {
    const path = `/profile/two-factor/${choice}`;
    const code = this.code(window, kind);
    await this.post(act, window, { path, fields: { code }, route: members }, (session, now) => {
      const { user } = session;
      const to = '/profile/security';
      if (user.organization.required || user.key === undefined || user.chose !== (choice === 'leave')) return { status: 303, to };
      const right = () => void (user.chose = choice === 'choose');
      return this.judgeCode(session, code, { now, takesSms: false, to, right });
    });
  }

  private async signOut(act: Where, window: Window): Promise<void> {
    const route: Route = { stages: ['enrollment', 'challenge', 'member'] };
    await this.post(act, window, { path: '/logout', page: '/', route }, (session) => {
      session.isEnded = true;
      return { status: 303, to: '/login' };
    });
  }

  private async endOthers(act: Where, window: Window): Promise<void> {
    const path = '/profile/sessions';
    const end = (session: Session, now: number): Answer => {
      if (!isFresh(session, now)) return keep(end);
      this.world.endAll(session.user, session);
      return { status: 303, to: path };
    };
    await this.post(act, window, { path: `${path}/end-others`, page: path, route: members }, end);
  }

  private async renewCodes(act: Where, window: Window): Promise<void> {
    const path = '/profile/recovery-codes';
    const renew = ({ user }: Session): Answer => ({ status: 303, to: user.key === undefined ? '/profile/security' : path });
    await this.post(act, window, { path, route: members }, (session, now) => {
      const needsProof = session.user.key !== undefined && !isFresh(session, now);
      return needsProof ? keep(renew) : renew(session);
    });
    await this.lookAtNewCodes(window);
  }

  private async policy(act: Where & Extract<Act, { do: 'policy' }>, window: Window): Promise<void> {
    const { world } = this;
    const path = '/organization/configuration';
    const tomorrow = Math.ceil((world.now + 1) / 86_400_000) * 86_400_000;
    const days = { 'as it is': undefined, now: '', tomorrow: new Date(tomorrow).toISOString().slice(0, 10) };
    const day = days[act.from];
    const fields = {
      reason: 'as it came',
      ...(act.required && { twoFactorRequired: 'on' }),
      ...(act.smsAllowed && { smsAllowed: 'on' }),
      ...(day !== undefined && { twoFactorFrom: day }),
    };
    const save = (session: Session, now: number): Answer => {
      const { organization } = session.user;
      const asked = { 'as it is': organization.from, now: undefined, tomorrow }[act.from];
      const from = act.required ? asked : organization.from;
      const after = { required: act.required, smsAllowed: act.required && act.smsAllowed, from };
      if (from !== organization.from && from !== undefined && from <= now) return { status: 422 };
      if (isLoosened(organization, after) && !isFresh(session, now)) return keep(save);
      setPolicy(organization, world.colleaguesOf(session.user), after, now);
      return { status: 303, to: path };
    };
    await this.post(act, window, { path, fields, route: { ...members, isForManagers: true } }, save);
  }

  private async stepUp(act: Where, window: Window, by: CodeKind | 'password' | 'wrong password'): Promise<void> {
    const { world } = this;
    const tab = window.tabs[act.tab]!;
    const form = tab.form;
    const user = world.sessionOf(window)?.user;
    const isPassword = by === 'password' || by === 'wrong password';
    if (by === 'wrong password' && user?.key === undefined && world.wrongPasswords >= mostWrongPasswords) return;
    const typed = isPassword ? ((by === 'password' ? user?.password : undefined) ?? 'not the password at all') : this.code(window, by);
    const fields = { [isPassword ? 'password' : 'code']: typed, ...(form !== undefined && { form }) };
    let asked: Session['form'];
    await this.post(act, window, { path: '/step-up', fields, route: members }, (session, now) => {
      const waiting = session.form?.id === form && session.form && now - session.form.at < 600_000 ? session.form : undefined;
      const isCode = session.user.key !== undefined;
      if (isCode === isPassword) return { status: 422 };
      const proven: Answer = isCode
        ? this.judgeCode(session, typed, { now, takesSms: false, to: '/', right: () => undefined })
        : this.judgePassword(session, typed, now);
      if (proven.status !== 303 || proven.cookie !== 'new') return proven;
      // The proof holds, and the form that it was to finish waits no more.
      if (!waiting) return form === undefined ? proven : { status: 422, cookie: 'new' };
      session.form = undefined;
      asked = waiting;
      const isRefused = waiting.isForManagers && session.user.role === 'AGENT';
      return { ...(isRefused ? { status: 403 } : waiting.finish(session, now)), cookie: 'new' };
    });
    if (asked) tab.form = undefined;
  }

  private judgePassword(session: Session, typed: string, now: number): Answer {
    if (typed !== session.user.password) {
      this.world.wrongPasswords += 1;
      return { status: 401 };
    }
    provePassword(session, now);
    return { status: 303, to: '/', cookie: 'new' };
  }

  private async switchSms(act: Where, window: Window, isOn: boolean): Promise<void> {
    const path = '/profile/security';
    const change = (session: Session, now: number): Answer => {
      const { user } = session;
      if (!user.organization.required || !user.organization.smsAllowed) return { status: 403 };
      if (user.number === undefined) return { status: 422 };
      if (user.smsOn === isOn) return { status: 303, to: path };
      if (!isFresh(session, now)) return keep(change);
      user.smsOn = isOn;
      if (isOn) for (const other of this.world.sessionsOf(user)) other.sms = undefined;
      else forgetSms(this.world.sessionsOf(user), session);
      return { status: 303, to: path };
    };
    await this.post(act, window, { path, fields: isOn ? { smsEnabled: 'on' } : {}, route: members }, change);
  }

  private async changeNumber(act: Where, window: Window, which: 0 | 1 | undefined): Promise<void> {
    const { world } = this;
    const path = '/profile/details';
    const index = world.users.indexOf(world.sessionOf(window)?.user ?? world.users[0]!);
    const number = which === undefined ? undefined : numberOf(index, which);
    const change = (session: Session, now: number): Answer => {
      const { user } = session;
      if (user.number === number) return { status: 303, to: path };
      if (!isFresh(session, now)) return keep(change);
      user.number = number;
      forgetSms(world.sessionsOf(user), session);
      return { status: 303, to: path };
    };
    await this.post(act, window, { path, fields: { name: 'Somebody', phoneNumber: number ?? '' }, route: members }, change);
  }

  private async changePassword(act: Where, window: Window, isRight: boolean): Promise<void> {
    const { world } = this;
    if (!isRight && world.wrongPasswords >= mostWrongPasswords) return;
    const path = '/profile/password';
    const password = world.newPassword();
    const currentPassword = isRight ? (world.sessionOf(window)?.user.password ?? 'none') : 'not the password at all';
    await this.post(act, window, { path, fields: { currentPassword, password }, route: members }, (session, now) => {
      const { user } = session;
      if (user.key !== undefined && !isFresh(session, now)) return stepUp;
      if (!isRight) {
        world.wrongPasswords += 1;
        return { status: 401 };
      }
      user.password = password;
      provePassword(session, now);
      world.endAll(user, session);
      return { status: 303, to: path, cookie: 'new' };
    });
  }

  /** The link goes to the mailbox alone; using it signs nobody in, and ends every session. */
  private async forgotPassword(window: Window, user: User): Promise<void> {
    const { world } = this;
    const { browser } = window;
    const tab = newTab();
    await world.open(window, tab, '/password/forgot');
    const asked = await browser.send('POST', '/password/forgot', new URLSearchParams({ _csrf: tab.token, username: user.username }));
    if (user.email === undefined || !user.isActive || asked.status === 429) return;
    const link = await world.newestLink(user.email);
    if (link === undefined) throw new Error('no link to a new password came');
    await world.open(window, tab, link);
    const password = world.newPassword();
    const chosen = await browser.send('POST', '/password/reset', new URLSearchParams({ _csrf: tab.token, password }));
    world.check(chosen, { status: 303, to: '/login' }, window, browser.sessionCookie);
    user.password = password;
    world.endAll(user);
  }

  private async manage(act: Where, window: Window, what: ManageKind, target: User): Promise<void> {
    const isRole = what === 'OWNER' || what === 'ADMIN' || what === 'AGENT';
    const path = `/organization/people/${target.username}/${isRole ? 'role' : what}`;
    const manage = (session: Session, now: number): Answer => {
      const { user } = session;
      if (target.organization !== user.organization) return { status: 404 };
      if (!mayManage(user, target, isRole ? 'role' : what)) return { status: 403 };
      if (!isFresh(session, now)) return keep(manage);
      if (isRole && what === 'OWNER' && user.role !== 'OWNER') return { status: 403 };
      if (what !== 'OWNER' && (isRole || what === 'deactivate') && this.isLastOwner(target)) return { status: 422 };
      this.change(what, target);
      return { status: 303, to: '/organization/people' };
    };
    const fields = { ...(isRole && { role: what }), ...(what === 'reset-two-factor' && { reason: 'the phone is lost' }) };
    const route = { ...members, isForManagers: true };
    await this.post(act, window, { path, page: '/organization/people', fields, route }, manage);
  }

  private isLastOwner({ organization, role, isActive }: User): boolean {
    const owners = this.world.users.filter((user) => user.organization === organization && user.role === 'OWNER' && user.isActive);
    return role === 'OWNER' && isActive && owners.length === 1;
  }

  private change(what: ManageKind, target: User): void {
    const { world } = this;
    switch (what) {
      case 'deactivate':
        target.isActive = false;
        return world.endAll(target);
      case 'reactivate':
        target.isActive = true;
        return;
      case 'unlock':
        return endWaits(target);
      case 'reset-two-factor': {
        if (target.email !== undefined) target.password = undefined;
        target.spentCodes.push(...target.recoveryCodes);
        Object.assign(target, { key: undefined, lastStep: 0, lastCode: '', recoveryCodes: [] });
        endWaits(target);
        return world.endAll(target);
      }
      default:
        target.role = what satisfies Role;
    }
  }

  private async open({ tab, isFresh: isOpened }: Where, window: Window, path: string): Promise<PageSeen | undefined> {
    return isOpened ? this.world.open(window, window.tabs[tab]!, path) : undefined;
  }

  private post(act: Where, window: Window, post: Post, judge: Judge): Promise<void> {
    return this.postAsAnybody(act, window, post, (session, now) => judge(session!, now));
  }

  /** Opens the page unless the tab's own is to be used, posts, and holds the answer against what the promise says. */
  private async postAsAnybody(
    act: Where,
    window: Window,
    { path, page = path, fields = {}, route }: Post,
    judge: (session: Session | undefined, now: number) => Answer | Promise<Answer>,
  ): Promise<void> {
    const { world } = this;
    const { browser } = window;
    const tab = window.tabs[act.tab]!;
    await this.open(act, window, page);
    const session = world.sessionOf(window);
    const visitor = world.visitorOf(window);
    const before = browser.sessionCookie;
    const post = `${path} ${tab.token}`;
    const twin = world.sessions.find(({ rotatedBy }) => rotatedBy?.cookie === before && rotatedBy?.post === post);
    const answered = await browser.send('POST', path, new URLSearchParams({ _csrf: tab.token, ...fields }));
    if (twin?.rotatedBy && before !== undefined && world.now - twin.rotatedBy.at < 30_000 && !isOver(twin, world.now)) {
      world.expect('the twin is given the cookie', browser.sessionCookie, twin.cookie);
      return;
    }
    const stage = visit(session, world.now);
    const gate = this.gate({ session, visitor, tab, stage }, route);
    const answer = gate ?? (await judge(session, world.now));
    world.tell(`${stage} posts ${path}: ${answer.status} ${answer.to ?? ''}`);
    world.check(answered, answer, window, before);
    if (answer.cookie === 'new' && session && stage !== 'nobody') this.rotate(session, browser.sessionCookie ?? '', post);
    if (session?.isEnded) this.bury(session.cookie);
    const form = formOf(answered);
    if (form !== undefined) tab.form = form;
    if (answer.keeps && session && form !== undefined) {
      session.form = { id: form, at: world.now, isForManagers: route.isForManagers ?? false, finish: answer.keeps };
    }
    world.read(answered, window, tab);
  }

  private gate({ session, visitor, tab, stage }: Visit, { stages, isForManagers = false }: Route): Answer | undefined {
    if (!stages.includes(stage)) return { status: 303, to: pages[stage] };
    if (isForManagers && session?.user.role === 'AGENT') return { status: 403 };
    const owner = stage === 'nobody' ? visitor : session;
    return tab.owner !== undefined && tab.owner === owner ? undefined : { status: 403 };
  }

  private rotate(session: Session, cookie: string, post: string): void {
    session.rotatedBy = { cookie: session.cookie, post, at: this.world.now };
    this.bury(session.cookie);
    session.cookie = cookie;
  }

  private bury(cookie: string): void {
    if (!this.world.dead.includes(cookie)) this.world.dead.push(cookie);
  }
}

function keep(finish: (session: Session, now: number) => Answer): Answer {
  return { ...stepUp, keeps: finish };
}

function formOf(page: PageSeen): string | undefined {
  const location = page.headers.get('location');
  return (location?.startsWith('/step-up?') && new URL(location, 'http://localhost').searchParams.get('form')) || undefined;
}
