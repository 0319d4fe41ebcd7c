#!/usr/bin/env node
/** The operator's command line: builds first when the sources changed, then runs dist/cli.js in this same process. */
import { existsSync } from 'node:fs';

const buildScript = new URL('../scripts/build.mjs', import.meta.url);
try {
  if (existsSync(buildScript)) await (await import(buildScript.href)).build();
} catch (error) {
  process.stderr.write(`gatehouse: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
if (process.argv[2] === 'start') (await import(new URL('../dist/platform/memory.js', import.meta.url).href)).startSmall();
const { main } = await import(new URL('../dist/cli.js', import.meta.url).href);
await main(process.argv.slice(2));
