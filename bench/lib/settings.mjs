/** How much is measured: as it should be, or tiny. */

/**
 * @param given what the command line says
 * @property cost bcrypt's, of Gatehouse and of the peers where sign-ins are measured
 * @property seconds of one measurement, by what is measured
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
      signIns: lasting(8, 0.5),
      pages: lasting(4, 0.2),
      latency: lasting(10, 0.5),
      /** Until everything is compiled and each lane is in its turn. */
      warmUp: isSmoke ? 0.1 : 2,
    },
    most: Number(users ?? (isSmoke ? 2_000 : 1_000_000)),
    goal: (text) => (isSmoke ? undefined : text),
  };
}
