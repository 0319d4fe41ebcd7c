/** One process among several that serve on one port: what it tells the one that began it, and what it is told. */
import cluster from 'node:cluster';
import { z } from 'zod';
import type { Serving } from '../main.js';
import type { Environment } from '../platform/config.js';
import { errorLine } from './error-line.js';

/** A manager of processes may begin Gatehouse by node:cluster, and takes no worker of its own for one of ours. Such a one begins none. */
export const workerMark = { GATEHOUSE_WORKER: 'true' };
export const canBeginWorkers = cluster.isPrimary;
export const isWorker = cluster.isWorker && process.env['GATEHOUSE_WORKER'] === workerMark.GATEHOUSE_WORKER;

/** It serves, or it cannot and says why. */
export const reportSchema = z.union([z.object({ isOpen: z.literal(true) }), z.object({ refusal: z.string() })]);
type Report = z.output<typeof reportSchema>;

/** One process is told to, when all serve. */
export const showSetUpLink = 'show the set-up link';

type Serve = (began: (serving: Serving) => Promise<void>) => Promise<void>;

/**
 * Why it cannot serve is reported: the operator hears it once, from one process.
 * @param serve begins to serve, tells what it began, and resolves when that has ended
 * @returns the exit code
 */
export async function serveAsWorker(environment: Environment, serve: Serve): Promise<0 | 1> {
  outliveNobody();
  try {
    await serve(async (serving) => {
      process.on('message', (told) => void (told === showSetUpLink && serving.showSetUpLink()));
      await report({ isOpen: true });
    });
    return 0;
  } catch (error) {
    await report({ refusal: errorLine(error, environment) });
    return 1;
  } finally {
    // Otherwise the way to the other process would keep this one.
    if (process.connected) process.disconnect();
  }
}

/** By itself, Node ends a worker in the middle of its answers when the process that began it is gone. Here it is told to stop. */
function outliveNobody(): void {
  if (cluster.worker) cluster.worker.exitedAfterDisconnect = true;
}

/** @returns when it is on its way, or nobody is there to hear it */
function report(said: Report): Promise<void> {
  return new Promise((resolve) => {
    if (process.send) process.send(said, () => resolve());
    else resolve();
  });
}
