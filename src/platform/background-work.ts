/**
 * What a server does of its own accord: it begins when the server is up. A command borrows the rooms to do the one thing that it
 * was asked for, often with less of a configuration than the server has: it begins none of this.
 */
import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Settings } from './settings.js';

@Injectable()
export class BackgroundWork implements OnApplicationBootstrap {
  private readonly begins: (() => void)[] = [];

  constructor(@Inject(Settings) private readonly settings: Settings) {}

  atStart(begin: () => void): void {
    this.begins.push(begin);
  }

  onApplicationBootstrap(): void {
    if (!this.settings.isServer) return;
    for (const begin of this.begins) begin();
  }
}
