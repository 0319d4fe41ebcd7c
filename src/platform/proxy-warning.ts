/** A proxy that nobody told Gatehouse of: all visitors come from its address, and wait for one another's wrong passwords. */
import type { NextFunction, Request, Response } from 'express';
import type { Log } from './log.js';

const warning =
  'a request came with X-Forwarded-For, which is not believed while TRUST_PROXY is 0: if Gatehouse stands behind a reverse proxy, all ' +
  'visitors count as one address, that of the proxy; set TRUST_PROXY to the number of proxies in front. If it does not, somebody made the ' +
  'header up, and it changed nothing';

/** While TRUST_PROXY is 0: says so at the first request that a proxy may have passed on, once a process. */
export function warnOfProxy(log: Log) {
  let isSaid = false;
  return (request: Request, _: Response, next: NextFunction): void => {
    if (!isSaid && request.headers['x-forwarded-for'] !== undefined) {
      isSaid = true;
      log.warn(warning);
    }
    next();
  };
}
