/** Counts what an import did, and puts into words what an operator has to look at. */
import type { LineOutcome } from './import-plan.js';

type Counts = { created: number; unchanged: number; different: number };

export class ImportReport {
  private readonly organizations: Counts = { created: 0, unchanged: 0, different: 0 };
  private readonly users: Counts = { created: 0, unchanged: 0, different: 0 };
  private bad = 0;

  /** @param say is given one line at a time, without its line break */
  constructor(private readonly say: (line: string) => void) {}

  take(line: LineOutcome): void {
    if (line.outcome === 'bad') {
      this.bad += 1;
      this.say(`line ${line.number}: ${line.problem}`);
      return;
    }
    this[line.kind][line.outcome] += 1;
    if (line.outcome === 'different')
      this.say(`line ${line.number}: differs from what is stored in ${line.fields.join(', ')}; nothing was overwritten`);
  }

  warnOfOwnerless({ count, slugs }: { readonly count: number; readonly slugs: readonly string[] }): void {
    if (count === 0) return;
    const more = count > slugs.length ? ` and ${count - slugs.length} more` : '';
    this.say(`warning: without an owner, so that nobody can change the policy: ${slugs.join(', ')}${more}`);
  }

  get hasBadLines(): boolean {
    return this.bad > 0;
  }

  get json() {
    return { organizations: { ...this.organizations }, users: { ...this.users }, bad: this.bad };
  }

  get text(): string {
    return `organizations: ${inWords(this.organizations)}; users: ${inWords(this.users)}; bad lines: ${this.bad}`;
  }
}

function inWords({ created, unchanged, different }: Counts): string {
  return `${created} created, ${unchanged} unchanged, ${different} different`;
}
