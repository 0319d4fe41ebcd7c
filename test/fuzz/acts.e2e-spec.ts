/**
 * Whatever is done in whatever order, in several browsers and tabs: the promise and the server agree on who may see a member's
 * page. What a failure prints repeats it: FUZZ_SEED and FUZZ_PATH; FUZZ_RUNS plays more sequences than the usual few.
 */
import fc from 'fast-check';
import { type Door, openDoor } from '../support/door.js';
import { play, sequences } from './sequences.js';
import { chance, patience } from './chance.js';

describe('any sequence of acts', () => {
  let door: Door;
  beforeAll(async () => {
    door = await openDoor();
  });
  afterAll(() => door.close());

  it(
    'ends where the promise says, and passes no page on the way that it does not allow',
    async () => {
      await fc.assert(
        fc.asyncProperty(sequences, async (sequence) => void (await play(door, sequence))),
        chance(30),
      );
    },
    patience,
  );
});
