/** How much is measured: as it should be, or tiny. */

/**
 * @param given what the command line says
 * @property cost bcrypt's, of Gatehouse and of the peers where sign-ins are measured
 * @property seconds of one measurement, by what is measured
 * @property peersBeside the names of those that are measured beside a Gatehouse on that size of database
 * @property goal leaves a goal away where nothing is judged
 */
export function settingsOf({ smoke: isSmoke = false, on, users, seconds, rounds }) {
  const lasting = (usual, tiny) => Number(seconds ?? (isSmoke ? tiny : usual));
  return {
    isSmoke,
    on,
    rounds: Number(rounds ?? (isSmoke ? 1 : 5)),
    cost: isSmoke ? 10 : 12,
    seconds: {
      signIns: lasting(8, 0.1),
      pages: lasting(4, 0.1),
      latency: lasting(10, 0.4),
      /** Until everything is compiled. */
      warmUp: isSmoke ? 0 : 2,
    },
    most: Number(users ?? (isSmoke ? 2_000 : 1_000_000)),
    /** They stand on PostgreSQL in any case: to see that they run, once is enough. */
    peersBeside: (size) => (isSmoke && size === 'embedded' && on === undefined ? [] : ['bare', 'passport', 'better-auth']),
    goal: (text) => (isSmoke ? undefined : text),
  };
}
