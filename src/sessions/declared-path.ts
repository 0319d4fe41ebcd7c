/** A request's address for the log: as its route declares it, `/organization/people/:username/role`, for the name in it is somebody's. */
import type { Request } from 'express';

export function declaredPath({ route }: Request): string | undefined {
  const declared: unknown = route;
  if (typeof declared !== 'object' || declared === null || !('path' in declared)) return undefined;
  return typeof declared.path === 'string' ? declared.path : undefined;
}
