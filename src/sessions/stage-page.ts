/** The page on which each stage lives. */
import type { SignInStage } from './domain/sign-in-stage.js';

export const pageOfStage: Readonly<Record<SignInStage, string>> = {
  anonymous: '/login',
  enrollment: '/two-factor/enroll',
  challenge: '/two-factor/challenge',
  signedIn: '/',
};
