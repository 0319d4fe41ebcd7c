/**
 * How many posts with a password ask the database at once, before the password is compared. They mostly ask for the same rows, and
 * more of them would wait there on the connections that whoever is signed in needs. What waits here waits for no clock, so a flood
 * on a slow machine is slow, and no database that is "away".
 */
import { Injectable } from '@nestjs/common';
import { isDatabaseAway } from '../platform/database.js';
import { Gate } from '../platform/gate.js';

/** Of the ten connections of a process. */
const width = 4;
const queue = 1_000;

@Injectable()
export class AskingGate extends Gate {
  constructor() {
    super(width, queue, isDatabaseAway);
  }
}
