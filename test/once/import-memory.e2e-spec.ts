import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openCommandLine } from '../support/command-line.js';

const megabytes = 1_000_000;
const sampler = join(__dirname, '..', 'support', 'heap-sampler.mjs');

/** Every third without an e-mail address, every fifth without a number: batches are not all of one shape. */
const person = (index: number) => ({
  type: 'user',
  organization: 'acme',
  username: `user${index}`,
  name: `User ${index}`,
  role: index === 0 ? 'OWNER' : 'AGENT',
  passwordHash: `$2b$10$${'a'.repeat(53)}`,
  ...(index % 3 > 0 && { email: `user${index}@acme.test` }),
  ...(index % 5 > 0 && { phoneNumber: `+316${String(index).padStart(8, '0')}` }),
  ...(index % 2 > 0 && { totpSecret: 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ' }),
});

/** @returns the peak of the live JavaScript heap, in bytes */
async function peakHeapOf(people: number): Promise<number> {
  const commandLine = await openCommandLine();
  try {
    const file = join(commandLine.folder, 'people.ndjson');
    const acme = { type: 'organization', slug: 'acme', name: 'Acme', twoFactorRequired: true, smsAllowed: true };
    writeFileSync(
      file,
      [acme, ...Array.from({ length: people }, (_, index) => person(index))].map((line) => `${JSON.stringify(line)}\n`).join(''),
    );
    const report = join(commandLine.folder, 'heap.json');
    const options = { node: ['--expose-gc', '--import', sampler], environment: { HEAP_REPORT: report } };
    const { code, stdout } = await commandLine.run(['import', file, '--json'], options);
    expect({ code, stdout }).toMatchObject({ code: 0, stdout: expect.stringContaining(`"created":${people},`) });
    return (JSON.parse(readFileSync(report, 'utf8')) as { peakHeap: number }).peakHeap;
  } finally {
    await commandLine.close();
  }
}

describe('the memory of an import', () => {
  it('does not grow with the number of users', async () => {
    const few = await peakHeapOf(1_000);
    const many = await peakHeapOf(20_000);
    expect(many).toBeLessThan(few * 1.5 + 20 * megabytes);
  }, 180_000);
});
