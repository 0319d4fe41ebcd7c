import { Page } from '../platform/answer.js';
import type { MemberVisit } from '../sessions/visit.js';
import { authenticatorApps } from './authenticator-apps.js';
import type { FormRefusal } from '../platform/forms.js';
import { groupedKey } from './domain/totp.js';
import type { Invitation } from './enrollment.service.js';
import { qrCode } from './qr-code.js';

export function enrollPage({ member }: MemberVisit, invitation: Invitation, refusal?: FormRefusal): Page {
  const model = {
    ...setUpModel(invitation),
    username: member.username,
    organizationName: member.organization.name,
    errors: refusal?.errors,
  };
  return new Page('mfa/enroll', model, refusal?.status);
}

export type SetUpPurpose = 'replace' | 'choose';

export function replacementPage(purpose: SetUpPurpose, invitation: Invitation, refusal?: FormRefusal): Page {
  return new Page('mfa/replace-authenticator', { ...setUpModel(invitation), purpose, errors: refusal?.errors }, refusal?.status);
}

function setUpModel({ secret, uri, entry }: Invitation) {
  const qr = { ...qrCode(uri), description: `QR code that adds ${entry.issuer}, ${entry.account} to an authenticator app` };
  return { qr, uri, key: groupedKey(secret), appEntry: { issuer: entry.issuer, account: entry.account }, apps: authenticatorApps };
}
