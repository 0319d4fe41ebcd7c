/**
 * How many posts with a password ask the database at once, before the password is compared. A flood of them asks for the same rows:
 * more would wait there on the connections that whoever is signed in needs. Nobody waits here by a clock, so on a slow machine a
 * flood is slow, and is not answered as if the database were away.
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
