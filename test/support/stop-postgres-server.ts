/** jest's global tear-down of what postgres-server.ts started; each project that shares the server calls it. */
export default async function tearDown(): Promise<void> {
  const shared = globalThis as { stopPostgres?: () => Promise<void> };
  const { stopPostgres } = shared;
  delete shared.stopPostgres;
  await stopPostgres?.();
}
