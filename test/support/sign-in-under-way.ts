/** A sign-in that is held in the moment between its right password and its session: what happens meanwhile must count. */
import { EventEmitter, once } from 'node:events';
import { Passwords } from '../../src/users/passwords.service.js';
import type { Browser, PageSeen } from './browser.js';
import type { Door } from './door.js';
import { password } from './people.js';

export type SignInUnderWay = { readonly browser: Browser; goOn(): Promise<PageSeen> };

/** @returns once the password was compared */
export async function signInUnderWay(door: Door, username: string): Promise<SignInUnderWay> {
  const passwords = door.app.get(Passwords);
  const steps = new EventEmitter();
  const compared = once(steps, 'compared');
  const held = once(steps, 'go on');
  const check = passwords.check.bind(passwords);
  passwords.check = async (...given) => {
    passwords.check = check;
    const proof = await check(...given);
    steps.emit('compared');
    await held;
    return proof;
  };
  const browser = door.browser();
  const page = browser.signIn(username, password);
  await compared;
  return {
    browser,
    goOn() {
      steps.emit('go on');
      return page;
    },
  };
}
