import type { MailContent } from '../mail/mail.js';
import { aboutAccount, type AccountChange } from './account-change.mail.js';

export function newDeviceMail({
  device,
  address,
  ...about
}: AccountChange & { readonly device: string; readonly address: string }): MailContent {
  const content = aboutAccount(about, {
    subject: 'Your account was used on a new device',
    what: `Somebody signed in to your account on a device that was not used for it before: ${device}.`,
  });
  return { ...content, facts: [...(content.facts ?? []), { label: 'Address', value: address }] };
}
