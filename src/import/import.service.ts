/** An existing platform brings its organizations and people: line by line, all or nothing per line, overwriting nothing. */
import type { Clock } from '../platform/clock.js';
import { isDatabaseAway } from '../platform/database.js';
import { errorCode } from '../platform/error-code.js';
import { BatchWriter, type ImportParts } from './batch-writer.js';
import { readBatches } from './import-lines.js';
import type { LineOutcome, NumberedLine } from './import-plan.js';
import type { ImportReport } from './import-report.js';

/** The database went away in the middle. The message is one line and says what to do. */
export class ImportStoppedError extends Error {
  readonly code = 'REFUSED_BY_COMMAND';
}

/** How many organizations without an owner are named. */
const fewOwnerless = 20;

export class Import {
  private readonly startedAt: Date;
  private readonly writer: BatchWriter;

  constructor(
    private readonly parts: ImportParts,
    clock: Clock,
  ) {
    this.startedAt = clock.now();
    this.writer = new BatchWriter(parts, this.startedAt);
  }

  /**
   * @param progress is told the number of the last line that is done with
   * @throws ImportStoppedError when the database is away
   */
  async run(chunks: AsyncIterable<Uint8Array>, report: ImportReport, progress: (line: number) => void): Promise<void> {
    let done = 0;
    try {
      for await (const lines of readBatches(chunks)) {
        for (const outcome of await this.importBatch(lines)) report.take(outcome);
        done = lines.at(-1)?.number ?? done;
        progress(done);
      }
      report.warnOfOwnerless(await this.parts.organizations.findOwnerless(this.startedAt, fewOwnerless));
    } catch (error) {
      if (!isDatabaseAway(error)) throw error;
      throw new ImportStoppedError(`the database is away: done up to line ${done}; run the same import again when it is back`, {
        cause: error,
      });
    }
  }

  /** In one transaction; when that fails, each line in one of its own, so that only the line at fault is refused. */
  private async importBatch(lines: readonly NumberedLine[]): Promise<readonly LineOutcome[]> {
    try {
      return await this.writer.write(lines);
    } catch {
      const outcomes: LineOutcome[] = [];
      for (const line of lines) outcomes.push(...(await this.importOne(line)));
      return outcomes;
    }
  }

  private async importOne(line: NumberedLine): Promise<readonly LineOutcome[]> {
    try {
      return await this.writer.write([line]);
    } catch (error) {
      if (isDatabaseAway(error)) throw error;
      return [{ outcome: 'bad', number: line.number, problem: `was refused by the database (${errorCode(error) ?? 'no code'})` }];
    }
  }
}
