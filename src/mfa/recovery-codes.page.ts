import { Page } from '../platform/answer.js';
import { dateAndTime } from '../platform/wording.js';
import type { Member } from '../sessions/visit.js';
import { codesPerSet, fewCodes } from './domain/recovery-code.js';
import type { RecoveryStanding } from './recovery-code.store.js';

/** @param returnTo the page that was first asked for, after an enrollment */
export function shownCodesPage({ username, organization }: Member, codes: readonly string[], returnTo: string | undefined): Page {
  return new Page('mfa/recovery-codes-shown', { codes, returnTo, username, organizationName: organization.name });
}

export function recoveryCodesPage({ authenticatorSince }: Member, standing: RecoveryStanding): Page {
  return new Page('mfa/recovery-codes', { isEnrolled: authenticatorSince !== null, ...recoveryModel(standing) });
}

export function recoveryModel({ left, madeAt }: RecoveryStanding) {
  return { left, of: codesPerSet, isFew: left < fewCodes, madeAt: madeAt && dateAndTime(madeAt) };
}
