/** Step-up: a sensitive change asks for proof again when the last one is older than this (OWASP ASVS 5.0, 7.5.1). */
import { minutes } from '../../platform/clock.js';

export const proofLifetime = minutes(10);

export type Factor = 'code' | 'password';
export type Proofs = { readonly passwordAt: Date; readonly secondFactorAt: Date | null };

/** The strongest factor that a member has. */
export function strongestFactor(authenticatorSince: Date | null): Factor {
  return authenticatorSince ? 'code' : 'password';
}

/** Whether the strongest factor was proven within the last ten minutes. */
export function hasFreshProof({ passwordAt, secondFactorAt }: Proofs, authenticatorSince: Date | null, now: Date): boolean {
  const provenAt = strongestFactor(authenticatorSince) === 'code' ? secondFactorAt : passwordAt;
  return provenAt !== null && now.getTime() - provenAt.getTime() < proofLifetime;
}
