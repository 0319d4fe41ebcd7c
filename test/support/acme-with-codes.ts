import { type Door, openDoor } from './door.js';
import { addAcme, enroll } from './people.js';

/** Acme requires two-factor; agnes has an authenticator with this key, the others have none. */
export type AcmeWithCodes = { readonly door: Door; readonly acme: Awaited<ReturnType<typeof addAcme>>; readonly key: string };

export async function openAcmeWithCodes(): Promise<AcmeWithCodes> {
  const door = await openDoor();
  const acme = await addAcme(door, { twoFactorRequired: true });
  return { door, acme, key: await enroll(door, acme.agnes) };
}
